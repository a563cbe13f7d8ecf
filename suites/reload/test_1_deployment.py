"""The documented manifests."""

from fixtures.binding import requirement
from fixtures.deploying import Deployer
from fixtures.reload_example import CHAPTER
from srs_conformance.observing import must


@requirement("RLD-00")
def test_the_documented_manifests_roll_out(deployer: Deployer) -> None:
    must(deployer.documented(CHAPTER))
