"""The runbook is what was walked: its blocks are read as they stand, and the transcripts hold the same commands."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.walks.blocks import RUNBOOK, commands
from tests.walks.catalogue import WALKS
from tests.walks.shell import Shell
from tests.walks.walking import page, walk

TEXT = RUNBOOK.read_text(encoding="utf-8")
IN_CI = ("month-not-closing",)  # the cheapest; all of them: make walks


@pytest.mark.parametrize("name", WALKS)
def test_an_entry_says_what_was_walked(name: str) -> None:
    kept = page(WALKS[name]).read_text(encoding="utf-8")
    place = 0
    for command in commands(TEXT)[WALKS[name].heading]:
        place = kept.find(f"$ {command}\n", place) + 1
        assert place, f"walk it again: python -m tests.walks {name} (it was walked without: {command})"
    assert f"walks/{name}.txt" in TEXT


@pytest.mark.parametrize("name", WALKS)
def test_a_walk_was_walked_to_its_end_and_came_to_what_the_rules_say(name: str) -> None:
    kept = page(WALKS[name]).read_text(encoding="utf-8")
    assert "\n# exact: " in kept
    assert "none of them twice\n" in kept
    assert "\n# walked on " in kept


def test_commands_go_on_after_a_backslash_and_to_the_end_of_a_here_document() -> None:
    text = "## One\n```console\n$ a \\\n    b\nsaid\n$ python - <<'END'\nx = 1\nEND\n$ c # why\n```\n## Two\n$ none\n"
    assert commands(text) == {"One": ["a \\\n    b", "python - <<'END'\nx = 1\nEND", "c # why"]}


def test_a_shell_keeps_what_a_command_sets_and_tells_how_it_ended(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"PATH": "/usr/bin:/bin"})
    try:
        assert shell.run("place=here; cd /").code == 0
        said = shell.run("echo $place; pwd; echo wrong >&2; false")
        assert (said.code, said.text) == (1, "here\n/\nwrong\n")
    finally:
        shell.close()


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.parametrize("name", IN_CI)
def test_what_the_runbook_says_helps(name: str) -> None:
    assert find_spec("supervisor"), "supervisor is missing: make setup"
    assert shutil.which("curl"), "curl is missing: apt-get install curl"
    walk(WALKS[name])
