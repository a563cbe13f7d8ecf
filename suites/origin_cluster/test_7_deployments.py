"""The tip: origins as Deployments, each with a Service of its own, as documented."""

from fixtures.binding import requirement
from fixtures.deploying import Deployer
from fixtures.origins import CHAPTER, SINGLE, OriginDeployments
from fixtures.places import APP, RTMP_PORT
from fixtures.publish import Publishing
from fixtures.searching import redirect_of
from srs_conformance.observing import must


@requirement("OC-00")
def test_the_deployments_roll_out(deployer: Deployer) -> None:
    must(deployer.documented(CHAPTER, "single", SINGLE))


@requirement("DEP-02")
def test_as_documented_a_player_is_sent_on(origin_deployments: OriginDeployments, publisher: Publishing) -> None:
    at, holder, *_ = origin_deployments.origins
    stream = publisher.publish(holder.place, listed_by=holder.api).name
    must(redirect_of(at, stream, holder, APP, RTMP_PORT))
