"""The nightly workflow: its jobs, what they may do, and that whatever they run is there."""

import re
import shlex
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
import yaml

from fixtures.options import pytest_addoption
from srs_conformance import cli
from srs_conformance.report.known import FILE_NAME, Subject, load

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".github" / "workflows" / "nightly.yaml"
TEXT = FILE.read_text(encoding="utf-8")
WORKFLOW = yaml.safe_load(TEXT)
JOBS = WORKFLOW["jobs"]
MATRIX = JOBS["chapters"]["strategy"]["matrix"]["include"]
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
SHELL = {"sudo", "mkdir", "install", "printf", "echo", "rm", "chown", "gh"}
"""What runners have besides make and the suite's own command."""
KEYWORDS = {"if", "then", "else", "fi", "do", "done"}
PINNED = re.compile(r"uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def commands(script):
    """Return the simple commands of a script, each as its words."""
    lexer = shlex.shlex(script.replace("\\\n", " "), posix=True, punctuation_chars=";|&()<>\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, ""
    found = [[]]
    for word in lexer:
        if set(word) <= set(";|&()\n"):
            found.append([])
        elif found[-1] or word not in KEYWORDS:
            found[-1].append(word)
    return [words for words in found if words]


def run(words):
    """Return what is wrong with a command of the suite's, "" where nothing is."""
    command, context = cli.cli, click.Context(cli.cli)
    rest = words[1:]
    while isinstance(command, click.Group):
        if not rest or (found := command.get_command(context, rest[0])) is None:
            return f"no command {rest[:1]}"
        command, rest = found, rest[1:]
    there = [__file__ if "$RUNNER_TEMP/" in word else word for word in rest]  # some options want a file that exists
    try:
        command.make_context(words[0], there)
    except click.ClickException as error:
        return error.format_message()
    return ""


def made(words):
    """Return what is wrong with a call of make: targets and variables that the Makefile does not have."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for word in words[1:]:
        name, is_variable, value = word.partition("=")
        if not re.search(
            rf"^{re.escape(name)} \?=" if is_variable else rf"^{re.escape(name)}:", makefile, re.MULTILINE
        ):
            return f"no {'variable' if is_variable else 'target'} {name}"
        if name == "ARGS" and (unknown := set(re.findall(r"--[a-z-]+", value)) - options()):
            return f"no option {', '.join(sorted(unknown))}"
    return ""


def options():
    """Return the names of the suite's options."""
    found = set()
    group = SimpleNamespace(addoption=lambda name, **_: found.add(name))
    pytest_addoption(SimpleNamespace(getgroup=lambda *_: group))
    return found


def wrong(words):
    words = words[1:] if words[0] == "sudo" else words
    if re.fullmatch(r"\w+=.*", words[0], re.DOTALL):  # last=$(...), whose command comes next
        return ""
    if words[0] == "[":
        return ""
    if words[0] == ".venv/bin/srs-conformance":
        return run(words)
    if words[0] == "make":
        return made(words)
    return "" if words[0] in SHELL else f"no command {words[0]}"


def test_it_runs_by_schedule_and_by_hand_and_by_nothing_else():
    triggers = WORKFLOW[True]  # YAML 1.1 takes `on` for that
    assert set(triggers) == {"schedule", "workflow_dispatch"}
    assert re.fullmatch(r"[0-9]+ [0-9]+ \* \* \*", triggers["schedule"][0]["cron"])


def test_every_version_runs_each_with_one_to_update_to():
    assert [each["version"] for each in MATRIX] == [3, 4, 5, 6]
    assert all(abs(each["next"] - each["version"]) == 1 for each in MATRIX)
    assert JOBS["chapters"]["strategy"]["fail-fast"] is False


def test_every_run_requires_real_srs():
    runs = [
        step["run"]
        for _, step in STEPS
        if "make conformance" in step.get("run", "") or "report gate" in step.get("run", "")
    ]
    assert len(runs) == 4
    assert all("--require-real-srs" in script for script in runs)


def test_the_gate_wants_the_report_of_every_version():
    (script,) = (step["run"] for step in JOBS["gate"]["steps"] if "report gate" in step.get("run", ""))
    for each in MATRIX:
        assert f"site/srs-{each['version']}" in script.split()
    (upload,) = (step for step in JOBS["chapters"]["steps"] if "upload-artifact" in step.get("uses", ""))
    assert upload["with"]["name"] == "srs-${{ matrix.version }}"
    assert upload["with"]["if-no-files-found"] == "error"


def test_every_known_finding_is_about_an_image_of_the_matrix():
    """An entry that no night can meet would never be mended nor become overdue."""
    nights = [Subject(f"ossrs/srs:{each['version']}", str(each["version"]), str(each["next"])) for each in MATRIX]
    for entry in load(ROOT / FILE_NAME):
        majors = [Subject(night.asked, version, night.next) for night in nights for version in entry.versions]
        assert any(entry.applies_to(each) for each in majors if each.version[0] == each.asked[-1]), entry.place


@pytest.mark.parametrize("job", JOBS)
def test_every_job_has_an_end(job):
    assert 0 < JOBS[job]["timeout-minutes"] <= 240


def test_one_night_waits_for_the_other():
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is False
    assert JOBS["ack"]["concurrency"]["cancel-in-progress"] is False


def test_no_job_may_write_but_the_one_that_publishes():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    writing = {
        name: {right for right, how in job.get("permissions", {}).items() if how == "write"}
        for name, job in JOBS.items()
    }
    assert {name: rights for name, rights in writing.items() if rights} == {"pages": {"pages", "id-token"}}


def test_every_action_is_pinned_to_a_commit_and_says_its_release():
    used = [line.strip().removeprefix("- ") for line in TEXT.splitlines() if "uses:" in line]
    assert len(used) == sum("uses" in step for _, step in STEPS)
    assert [line for line in used if not PINNED.fullmatch(line)] == []


def test_no_checkout_leaves_its_credentials():
    checkouts = [step for _, step in STEPS if "actions/checkout@" in step.get("uses", "")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_a_secret_reaches_only_the_file_that_it_is_for():
    """Secrets stand in `env` of a step and nowhere else; the one with the kubeconfig writes it into a file of 0600."""
    assert all("${{" not in step.get("run", "") for _, step in STEPS), "what is put into a script by text can be code"
    holders = [(name, step) for name, step in STEPS if "secrets." in str(step)]
    assert TEXT.count("secrets.") == len(holders) == 2
    (asking,) = (step for name, step in holders if name == "ack-given")
    assert asking["env"] == {"GIVEN": "${{ secrets.ACK_KUBECONFIG != '' }}"}
    (writing,) = (step for name, step in holders if name == "ack")
    assert writing["env"] == {"ACK_KUBECONFIG": "${{ secrets.ACK_KUBECONFIG }}"}
    assert writing["run"].splitlines() == [
        'install -m 0600 /dev/null "$RUNNER_TEMP/ack.kubeconfig"',
        'printf \'%s\\n\' "$ACK_KUBECONFIG" > "$RUNNER_TEMP/ack.kubeconfig"',
    ]
    assert sum("ACK_KUBECONFIG" in step.get("run", "") for _, step in STEPS) == 1


def test_no_script_prints_its_commands_or_its_environment():
    for _, step in STEPS:
        assert not re.search(r"set -\w*x|\benv\b|printenv|\bcat\b", step.get("run", ""))


def test_the_kubeconfig_is_removed_whatever_happened():
    steps = JOBS["ack"]["steps"]
    (removing,) = (step for step in steps if step.get("run", "").startswith("rm "))
    assert removing["if"] == "${{ always() }}"
    assert "$RUNNER_TEMP/ack.kubeconfig" in removing["run"]
    last = max(place for place, step in enumerate(steps) if "--kubeconfig" in step.get("run", ""))
    assert steps.index(removing) == last + 1


def test_without_a_kubeconfig_the_cluster_of_others_is_left_out():
    assert JOBS["ack"]["needs"] == "ack-given"
    assert JOBS["ack"]["if"] == "${{ needs.ack-given.outputs.given == 'true' }}"
    assert JOBS["ack-given"]["permissions"] == {}


def test_whatever_it_runs_is_there():
    found = {wrong(words) for _, step in STEPS for words in commands(step.get("run", ""))}
    assert found == {""}
    called = {words[0] for _, step in STEPS for words in commands(step.get("run", ""))}
    assert {"make", "sudo", "gh", ".venv/bin/srs-conformance"} <= called


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("make conform", "no target conform"),
        ("make conformance CHAPTER=quick_start", "no variable CHAPTER"),
        ('sudo make conformance ARGS="--srs-imag ossrs/srs:6"', "no option --srs-imag"),
        ("echo a; frobnicate", "no command frobnicate"),
        (".venv/bin/srs-conformance report gat a", "no command ['gat']"),
        (".venv/bin/srs-conformance report gate a --require-real", "No such option"),
        (".venv/bin/srs-conformance report gate", "Missing argument"),
        ("if [ -n x ]; then\n  make nowhere\nfi", "no target nowhere"),
    ],
)
def test_what_is_not_there_is_found(script, said):
    assert any(said in wrong(words) for words in commands(script))
