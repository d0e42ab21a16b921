"""`stream-app why --from`: the answers of a replay, in words."""

from pathlib import Path

import pytest

from tests.commands.running import policy_file, stream_app
from tests.replay.lines import used, write


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Replay a small file; the folder of its answers."""
    folder = tmp_path_factory.mktemp("answers")
    file = write(
        folder / "events.ndjson",
        [used("u1", "2025-03-10T00:00:00", 15000), used("u2", "2025-03-11T00:00:00", 1, "s-2")],
    )
    common = ("--policy", policy_file(folder), "--engine", "offline", "--until", "2025-04-10T00:00:00Z")
    assert stream_app("replay", file, *common, "--out", folder / "out").exit_code == 0
    return folder / "out"


def test_the_sentence_comes_first_then_the_figures_then_the_changes(answers: Path) -> None:
    said = stream_app("why", "s-1", "--from", answers)
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert lines[0].startswith("s-1 is GOLD officially")
    assert lines[1] == "It went up from none to GOLD on 2025-03-10 (UTC), because this month's revenue reached it."
    assert "official tier          GOLD" in lines
    told = lines.index("tier changes:")
    assert lines[told + 1] == "  2025-03-10T00:00:00Z  none -> GOLD: this month's revenue reached it"


def test_the_risk_is_explained_in_both_languages_with_its_changes(answers: Path) -> None:
    lines = stream_app("why", "s-1", "--from", answers).stdout.splitlines()
    assert any(line.startswith("churn risk 流失风险      ") for line in lines)
    told = lines.index("risk changes:")
    assert lines[told + 1].endswith(": days of silence 静默天数")


def test_only_the_subscribers_own_changes_are_told(answers: Path) -> None:
    said = stream_app("why", "s-2", "--from", answers)
    assert said.stdout.startswith("s-2 has no tier: ")
    assert "tier changes" not in said.stdout


def test_an_unknown_subscriber_fails(answers: Path) -> None:
    said = stream_app("why", "s-3", "--from", answers)
    assert said.exit_code == 1
    assert (
        said.stderr == "Error: no event of subscriber 's-3' was accepted so far: check the id, and the dead letters\n"
    )


def test_a_folder_that_is_no_replays_is_wrong_use(tmp_path: Path) -> None:
    said = stream_app("why", "s-1", "--from", tmp_path)
    assert said.exit_code == 2
    assert "holds no subscribers.ndjson: give the --out folder of a replay" in said.stderr


def test_answers_that_lack_a_file_fail_in_one_line(answers: Path, tmp_path: Path) -> None:
    (tmp_path / "subscribers.ndjson").write_bytes((answers / "subscribers.ndjson").read_bytes())
    said = stream_app("why", "s-1", "--from", tmp_path)
    assert said.exit_code == 1
    assert said.stderr == f"Error: {tmp_path / 'tier-changes.ndjson'}: No such file or directory\n"
