"""What no unit test may do, whatever it plays: a cluster that is in use may be on the machine."""

from collections.abc import Iterator

import pytest

from srs_conformance.clusters.kind.commands import Commands


@pytest.fixture(autouse=True)
def networks_of_the_machine() -> Iterator[None]:
    """Fail a test that changes routes or links of the machine, before it does."""
    run = Commands._run

    def guarded(self: Commands, words: tuple[str, ...], *more, **named):
        if words[0] == "ip" and {"add", "replace", "del"} & set(words):
            pytest.fail(f"a unit test would change the machine's network: {' '.join(words)}")
        return run(self, words, *more, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Commands, "_run", guarded)
        yield
