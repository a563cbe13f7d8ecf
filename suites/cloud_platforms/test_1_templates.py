"""The templates of the platforms: valid where they are to run, taken by an API server, and rolled out."""

from fixtures.binding import requirement
from fixtures.cloud_platforms import CHAPTER, Platform, Template, Templates
from fixtures.deploying import Deployer
from fixtures.options import Options
from srs_conformance.clusters.base import Capability, Cluster
from srs_conformance.clusters.schemas import problems
from srs_conformance.observing import Observation, Unsupported, must


@requirement("CLOUD-00")
def test_an_api_server_takes_the_template(
    platform: Platform, cluster: Cluster, deployer: Deployer, options: Options
) -> None:
    if Capability.KUBERNETES not in cluster.capabilities:
        raise Unsupported("this is no Kubernetes")
    refusals = deployer.empty(CHAPTER, "dry-run").refusals(platform.manifests(options))
    expected = f"every object of {platform.name} taken by a server-side dry-run"
    must(Observation(not refusals, expected, "; ".join(refusals) or "so it is"))


@requirement("CLOUD-00")
def test_the_documented_manifests_roll_out(platform: Platform, templates: Templates, deployer: Deployer) -> None:
    templates.up()
    must(deployer.documented(CHAPTER, platform.name, platform.setting))


@requirement("CLOUD-01")
def test_the_template_is_valid_on_every_version_that_the_platform_offers(platform: Platform, options: Options) -> None:
    objects = platform.manifests(options)
    found = [problem for version in platform.versions for problem in problems(objects, version)]
    expected = f"{platform.name} valid on Kubernetes {', '.join(platform.versions)}"
    must(Observation(not found, expected, "; ".join(found) or "so it is"))


@requirement("CLOUD-01")
def test_the_load_balancer_is_configured_by_strings(platform: Platform, template: Template, options: Options) -> None:
    applied = [each for each in template.deployed.objects if each["kind"] == "Service"]
    documented = [each for each in platform.manifests(options) if each["kind"] == "Service"]
    live = template.namespace.get("Service", template.SERVICE)["metadata"].get("annotations") or {}
    for each in (*documented, *applied):
        annotations = each["metadata"].get("annotations") or {}
        lost = {name: value for name, value in annotations.items() if live.get(name) != value}
        must(Observation(not lost, "the platform's annotations on the live Service, each a string", f"lost: {lost}"))
