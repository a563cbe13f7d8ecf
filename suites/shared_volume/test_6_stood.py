"""The end of the chapter: the deployment that all other tests used still stands as it was applied."""

from fixtures.binding import requirement
from fixtures.volume_scene import SharedVolume
from srs_conformance.observing import Budget, must_stay


@requirement("SV-00", "SV-01")
def test_no_container_has_restarted(shared_volume_as_left: SharedVolume) -> None:
    must_stay(shared_volume_as_left.deployed.stands, Budget.STEADY)
