"""The ClusterRole has what the suite asks for, and no more."""

from __future__ import annotations

import re
from pathlib import Path

from srs_conformance.clusters.kube.kinds import _KINDS
from srs_conformance.inside.rights import rules

DOCUMENT = Path(__file__).parents[3] / "docs" / "inside.md"

#: What is only looked at.
READ = {"Event", "ReplicaSet", "EndpointSlice"}
#: What is applied, and goes with its namespace.
APPLIED = {"Secret": set[str](), "ServiceAccount": {"get"}}
#: What only the command outside makes, and what no manifests of ours have.
OUTSIDE = {"ClusterRole", "ClusterRoleBinding", "DaemonSet"}


def verbs() -> dict[tuple[str, str], set[str]]:
    return {
        (group, resource): set(rule["verbs"])
        for rule in rules()
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def test_every_kind_that_the_suite_handles_is_in_it() -> None:
    found = verbs()
    for kind, (version, plural) in _KINDS.items():
        group = version.rpartition("/")[0]
        if kind in OUTSIDE:
            assert (group, plural) not in found
        elif kind in READ:
            assert found[group, plural] == {"get", "list"}
        elif kind in APPLIED:
            assert found[group, plural] == {"create", "patch", *APPLIED[kind]}
        else:
            assert found[group, plural] >= {"get", "list", "create", "patch", "delete"}, kind


def test_nothing_is_meant_as_a_whole() -> None:
    assert "*" not in str(rules())
    assert not verbs().keys() & {("", "namespaces/finalize"), ("", "serviceaccounts/token")}
    assert "escalate" not in str(rules())
    assert "bind" not in str(rules())


def test_the_document_lists_them() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for (_, resource), each in verbs().items():
        row = re.search(rf"^\|[^|]*`{resource}`[^|]*\|([^|]*)\|", text, re.MULTILINE)
        assert row, resource
        assert set(re.findall(r"[a-z]+", row[1])) == each, resource
