"""Where no broker answers, and where a setting is wrong: one line, and an exit code."""

import subprocess
import sys

import pytest

from stream_app.local.ports import free_port
from tests.commands.running import stream_app
from tests.house.sources import ROOT


@pytest.mark.parametrize(
    "words",
    [
        ("topics", "check"),
        ("topics", "create"),
        ("dead-letters", "list"),
        ("dead-letters", "show", "0:1"),
        ("dead-letters", "replay", "--yes"),
        ("why", "s-1"),
        ("worker", "--web-port", str(free_port())),
    ],
    ids=lambda words: words[0] if words[0] == "worker" else " ".join(words),
)
def test_where_no_broker_answers_the_address_is_named(words: tuple[str, ...]) -> None:
    address = f"127.0.0.1:{free_port()}"
    said = stream_app(*words, "--bootstrap", address)
    assert said.exit_code == 1
    assert said.stderr.startswith(f"Error: no Kafka broker answers at {address} (")
    assert "--bootstrap or STREAM_APP_BOOTSTRAP" in said.stderr


def test_a_worker_with_a_wrong_setting_is_wrong_use_and_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_TICK_SECONDS", "often")
    said = stream_app("worker")
    assert said.exit_code == 2
    assert said.stderr.startswith("Error: STREAM_APP_TICK_SECONDS: ")
    assert "'often'" in said.stderr


def test_a_worker_with_a_policy_that_is_not_there_is_wrong_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_POLICIES", "nowhere.yaml")
    said = stream_app("worker")
    assert said.exit_code == 2
    assert "nowhere.yaml: cannot be read" in said.stderr


@pytest.mark.slow
def test_exit_codes_are_those_of_the_whole_program_too() -> None:
    words = [sys.executable, "-m", "stream_app", "topics", "check", "--bootstrap", f"127.0.0.1:{free_port()}"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
