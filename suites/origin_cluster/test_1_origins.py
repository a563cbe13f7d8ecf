"""Steps 1 and 2: the shared volume, the origins with names of their own, the API of the first one."""

from functools import partial

from fixtures.binding import requirement
from fixtures.deploying import Deployer
from fixtures.origins import CHAPTER, CLAIM, HTML, NGINX_HTML, STATEFUL, VOLUME, OriginCluster
from fixtures.places import API_PORT, APP
from fixtures.publish import Publishing
from fixtures.searching import leads_to
from srs_conformance.observing import Budget, Observation, must, must_hold, must_stay


@requirement("OC-00")
def test_the_documented_manifests_roll_out(deployer: Deployer) -> None:
    must(deployer.documented(CHAPTER, setting=STATEFUL))


@requirement("OC-01")
def test_the_claim_gets_the_volume(origin_cluster: OriginCluster) -> None:
    claim = origin_cluster.namespace.get("PersistentVolumeClaim", CLAIM)
    volume, phase = claim["spec"].get("volumeName", ""), claim["status"]["phase"]
    right = phase == "Bound" and volume.startswith(VOLUME)
    must(Observation(right, f"{CLAIM} bound to {VOLUME}", f"{phase}, volume {volume or 'none'}"))


@requirement("OC-01")
def test_nginx_reads_what_any_origin_writes(origin_cluster: OriginCluster) -> None:
    nginx = origin_cluster.nginx_pod()
    for origin in origin_cluster.origins:
        file = f"written-by-{origin.pod.name}.txt"
        origin_cluster.namespace.exec(origin.pod.name, ["sh", "-c", f"echo {origin.host} > {HTML}/{file}"])
        found = origin_cluster.namespace.exec(nginx.name, ["cat", f"{NGINX_HTML}/{file}"], container="nginx")
        seen = found.stdout.strip() or found.stderr.strip()
        must(Observation(seen == origin.host, f"in nginx what {origin.pod.name} has written: {origin.host}", seen))


@requirement("OC-02")
def test_each_name_leads_to_its_pod(origin_cluster: OriginCluster) -> None:
    names = [origin.pod.name for origin in origin_cluster.origins]
    must(Observation(names == [f"srs-origin-{n}" for n in range(3)], "srs-origin-0 to srs-origin-2", f"{names}"))
    for origin in origin_cluster.origins:
        must_hold(partial(leads_to, origin_cluster, origin), Budget.ENDPOINT, times=1)


@requirement("OC-09")
def test_the_apis_address_leads_to_the_first_origin_only(origin_cluster: OriginCluster, publisher: Publishing) -> None:
    first, *others = origin_cluster.origins
    streams = [publisher.publish(each.place, listed_by=each.api).name for each in others]
    instance = first.api.versions().instance

    def only_the_first() -> Observation:
        answered = origin_cluster.origin_api.versions().instance
        shown = [name for name in streams if origin_cluster.origin_api.stream(APP, name) is not None]
        seen = f"{answered}, streams {shown}"
        return Observation(answered == instance and not shown, f"{instance}, without {streams}", seen)

    must_stay(only_the_first, Budget.QUIET)
    service = origin_cluster.namespace.service(OriginCluster.API_SERVICE)
    must(Observation(set(service.ports) == {API_PORT}, "just port 1985", f"{sorted(service.ports)}"))
