"""Asking for the kubeconfig of an ACK cluster: what is asked, and what is said where there is none."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from srs_conformance.errors import ConformanceError, CouldNotTest, UsageError

ASKING = "srs_conformance.clusters.ack.asking"
REGION_VARIABLE = "ALIBABA_CLOUD_REGION_ID"
ANSWERS_WITHIN = 90.0
RUNNING = "running"
SHORTEST, LONGEST = 15, 4320
"""How many minutes a temporary kubeconfig may live: the API takes no others."""

#: The least that the account has to let its user do.
RIGHTS = "cs:DescribeClusterDetail and cs:DescribeClusterUserKubeconfig"
_CLUSTER = re.compile(r"[A-Za-z0-9-]{1,64}")
_HOST = re.compile(r"(?P<http>http://)?(?P<host>[A-Za-z0-9.-]+(:[0-9]{1,5})?)")
#: How the API's codes for credentials that it does not take begin; Alibaba Cloud has them the same for all services.
_CREDENTIALS = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSecurityToken", "MissingSecurityToken")


@dataclass(frozen=True)
class Access:
    """The way to one ACK cluster, checked.

    Attributes:
        cluster: the cluster's ID.
        endpoint: host, and port where it is not the usual one, of the API of Container Service.
        protocol: "HTTPS"; "HTTP" only on this machine itself.
        private: whether the API server's address in its VPC is wanted, rather than its public one.
    """

    cluster: str
    endpoint: str
    protocol: str = "HTTPS"
    private: bool = False

    @classmethod
    def of(cls, cluster: str, region: str = "", endpoint: str = "", *, private: bool = False) -> Access:
        """Check what a user gives; without endpoint and region the region is the environment's.

        Raises:
            UsageError: an ID or an address that is none, or no region.
        """
        if not _CLUSTER.fullmatch(cluster):
            raise UsageError(f"--ack-cluster {cluster!r} is no cluster ID", hint=_WHERE_IDS_ARE)
        if endpoint:
            found = _HOST.fullmatch(endpoint)
            if not found or (found["http"] and not _is_here(found["host"])):
                raise UsageError(
                    f"--ack-endpoint {endpoint!r}: expected HOST or HOST:PORT",
                    hint="inside a VPC, for example, cs-vpc.cn-beijing.aliyuncs.com",
                )
            return cls(cluster, found["host"], "HTTP" if found["http"] else "HTTPS", private)
        region = region or os.environ.get(REGION_VARIABLE, "")
        if not re.fullmatch(r"[a-z0-9-]+", region):
            raise UsageError(
                f"--ack-cluster needs the cluster's region, and {region!r} is none"
                if region
                else "--ack-cluster needs the cluster's region",
                hint=f"name it, as --ack-region cn-beijing, or in {REGION_VARIABLE}",
            )
        return cls(cluster, f"cs.{region}.aliyuncs.com", private=private)

    def look(self) -> None:
        """See that the cluster is there, runs, and may be asked about; raises as `kubeconfig`."""
        self._ask(0)

    def kubeconfig(self, minutes: int) -> Secret:
        """Return a kubeconfig of the account's user that ends after a time of 15 minutes to 3 days.

        Raises:
            UsageError: no SDK, no credentials or some that are not taken, or no such cluster.
            CouldNotTest: the user may not, the cluster does not run, or the API does not answer.
        """
        return self._ask(minutes)

    def _ask(self, minutes: int) -> Secret:
        request = {**vars(self), "minutes": minutes}
        answer = _run(request)
        if "failed" in answer:
            raise self._failure(answer)
        if answer["state"] != RUNNING:
            raise CouldNotTest(
                f"ACK cluster {self.cluster} is not running: its state is {answer['state']}",
                hint="wait until it runs, or start it; the console of Container Service shows what hinders it",
            )
        return Secret(answer["config"])

    def _failure(self, answer: Mapping[str, Any]) -> ConformanceError:
        """Return the error for an answer that is none; it has no words but ours and the names of the API."""
        match answer["failed"]:
            case "sdk":
                return UsageError(
                    "--cluster ack needs Alibaba Cloud's SDK, which is not installed",
                    hint="pip install 'srs-conformance[ack]'",
                )
            case "credentials":
                return UsageError(
                    "Alibaba Cloud's SDK finds no credentials that work in any place where it looks for them",
                    hint="set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, name a profile in "
                    "ALIBABA_CLOUD_PROFILE, or run on a machine with a RAM role (docs/ack.md)",
                )
            case "refused":
                return self._refusal(int(answer["status"]), answer["code"], answer["request"])
            case "unreachable":
                return CouldNotTest(
                    f"no answer from {self.endpoint}",
                    hint="is it the endpoint of the cluster's region, and is there a way to it from here?",
                )
        return CouldNotTest(
            f"{self.endpoint} answered as no API of Alibaba Cloud does",
            hint="is it the endpoint of Container Service? --ack-region or --ack-endpoint names another",
        )

    def _refusal(self, status: int, code: str, request: str) -> ConformanceError:
        told = f"{code}, HTTP {status}, request {request}"
        if code.startswith(_CREDENTIALS):
            expired = code.endswith(".Expired")
            return UsageError(
                f"Alibaba Cloud does not take the credentials{': they have expired' * expired} ({told})",
                hint="get new ones; which place they came from docs/ack.md tells",
            )
        if code == "ErrorClusterNotFound" or status == 404:
            return UsageError(
                f"--ack-cluster {self.cluster}: {self.endpoint} knows no such cluster ({told})", hint=_WHERE_IDS_ARE
            )
        if status in (401, 403):
            return CouldNotTest(
                f"ACK cluster {self.cluster}: the account's user may not ask for its kubeconfig ({told})",
                hint=f"grant {RIGHTS} on acs:cs:*:*:cluster/{self.cluster}",
            )
        return CouldNotTest(
            f"ACK cluster {self.cluster}: {self.endpoint} refuses ({told})",
            hint="the request's ID is what Alibaba Cloud's support asks for",
        )


@dataclass(frozen=True)
class Secret:
    """A text that no message, log or traceback shows."""

    text: str = field(repr=False)


_WHERE_IDS_ARE = "expected an ID such as c5b5e80b0b64a4bf6939d2d8fbbc5aaaa, as the console's list of clusters has it"


def _is_here(host: str) -> bool:
    """Return whether an address is this machine's own loopback: elsewhere a signature never goes in the clear."""
    try:
        return ip_address(host.partition(":")[0]).is_loopback
    except ValueError:
        return False


def _run(request: Mapping[str, Any]) -> dict[str, Any]:
    """Run the program that asks. What it says besides its answer is the SDK's, and goes nowhere."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", ASKING],
            input=json.dumps(request),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=ANSWERS_WITHIN,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"failed": "unreachable"}
    except ValueError:
        return {"failed": "answer"}
    return answer
