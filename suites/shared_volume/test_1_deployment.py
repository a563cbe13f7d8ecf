"""Step 1: one pod in which SRS, nginx and a helper share a volume; Step 2: the Service before it."""

from fixtures.binding import requirement
from fixtures.deploying import Deployer
from fixtures.evidence import Record
from fixtures.roles import RTMP
from fixtures.volume_scene import CHAPTER, SharedVolume
from srs_conformance.clusters.base import Capability
from srs_conformance.observing import Budget, Observation, Unsupported, must, must_hold


@requirement("SV-00")
def test_the_documented_manifests_roll_out(deployer: Deployer) -> None:
    must(deployer.documented(CHAPTER))


@requirement("SV-01")
def test_the_pod_runs_all_three_containers(shared_volume: SharedVolume) -> None:
    containers = {each.name: each.ready for each in shared_volume.pod().containers}
    wanted = [role.container for role in shared_volume.roles]
    # Manifests of the user's own may have others beside them, such as an exporter.
    asked = {name: containers.get(name, False) for name in wanted} if shared_volume.roles.own else containers
    right = asked == dict.fromkeys(wanted, True)
    must(Observation(right, f"these containers ready: {', '.join(wanted)}", f"{containers}"))
    must(shared_volume.deployed.stands())


@requirement("SV-01")
def test_the_pod_is_behind_each_port_of_the_service(shared_volume: SharedVolume) -> None:
    service = shared_volume.namespace.service(shared_volume.roles["server"].service(RTMP))
    must(Observation(service.type == "LoadBalancer" and bool(service.address), "an external address", f"{service}"))

    def one_ready_endpoint_on_each_port() -> Observation:
        ip, ready = shared_volume.pod().ip, shared_volume.endpoints()
        right = all(addresses == [ip] for addresses in ready.values())
        return Observation(right, f"the pod's address {ip} behind each of {', '.join(ready)}", f"{ready}")

    must_hold(one_ready_endpoint_on_each_port, Budget.ENDPOINT)
    deaf = shared_volume.deaf()
    must(Observation(not deaf, "each port takes connections", f"not listening: {deaf}"))


@requirement("SV-05")
def test_the_documented_helper_copies_the_pages(shared_volume: SharedVolume, record: Record) -> None:
    record.did(f"looked for signs of the defect in {shared_volume.roles['helper'].container}")
    must(shared_volume.deployed.without("sv-d1"))


@requirement("SV-05")
def test_nginx_serves_the_pages_of_the_image(shared_volume: SharedVolume, record: Record) -> None:
    helper = shared_volume.roles["helper"]
    pages = shared_volume.files(helper.container, SharedVolume.PAGES)
    record.measure("pages in the image", len(pages))

    def copied() -> Observation:
        volume = shared_volume.files(helper.container, helper.folder)
        missing = sorted(name for name, digest in pages.items() if volume.get(name) != digest)
        return Observation(
            bool(pages) and not missing, "every page of the image in the volume", f"missing: {missing or 'none'}"
        )

    must_hold(copied, Budget.PAGES)
    front = shared_volume.get("/")
    must(Observation(front.status == 200 and b"<html" in front.body.lower(), "a page at / of nginx", f"{front}"))
    must(Observation(front.server.startswith("nginx"), "Server: nginx...", front.server or "no Server header"))


@requirement("SV-06")
def test_nginx_cannot_write_to_the_volume(shared_volume: SharedVolume) -> None:
    if Capability.KUBERNETES not in shared_volume.cluster.capabilities:
        raise Unsupported("this is no Kubernetes: nothing here mounts a volume read-only")
    nginx = shared_volume.roles["nginx"]
    path = f"{nginx.folder}/written-by-nginx"
    command = ["/bin/sh", "-c", f": > {path}"]
    told = shared_volume.namespace.exec(shared_volume.pod().name, command, container=nginx.container)
    must(Observation(told.code != 0, f"writing {path} in the nginx container is refused", f"exit code {told.code}"))
    must(Observation("read-only" in told.stderr.lower(), "a read-only file system", told.stderr.strip() or "no words"))
    must(shared_volume.answers(["written-by-nginx"], 404))
