"""`stream-app judge`: files of facts and of truth, and what is said of them."""

import json
from pathlib import Path

import pytest

from tests.commands.running import stream_app


def written(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def fact(who: str, at: str, before: str = "none", after: str = "high") -> dict[str, object]:
    return {
        "type": "churn_risk.changed",
        "subscriber_id": who,
        "occurred_at": at,
        "from": before,
        "to": after,
        "score": 55,
        "reasons": [],
    }


def test_warnings_are_held_against_who_left(tmp_path: Path) -> None:
    facts = written(tmp_path / "facts", fact("a", "2025-05-02T01:00:00Z"), fact("b", "2025-05-20T01:00:00Z"))
    truths = [
        {"subscriber_id": "a", "left_on": "2025-06-01"},
        *({"subscriber_id": each, "left_on": None} for each in "bcd"),
    ]
    said = stream_app("judge", "--facts", facts, "--truth", written(tmp_path / "truth", *truths))
    assert said.exit_code == 0
    assert said.stdout.splitlines()[:4] == [
        "level high and above, 2025-05-02 to 2025-05-21, horizon 90 days",
        "customers 4, would leave 25.0%",
        "alerted 2, right 1: precision 50.0%, lift 2.0",
        "false alarms per thousand customers 250.0",
    ]


def test_the_days_that_count_can_be_given(tmp_path: Path) -> None:
    facts = written(tmp_path / "facts", fact("a", "2025-05-02T01:00:00Z"))
    truth = written(tmp_path / "truth", {"subscriber_id": "a", "left_on": "2025-06-01"})
    said = stream_app(
        "judge", "--facts", facts, "--truth", truth, "--from", "2025-04-01", "--until", "2025-07-01", "--level", "watch"
    )
    assert said.stdout.startswith("level watch and above, 2025-04-01 to 2025-07-01")
    assert "all leavers: 1 of 1 warned of in time (100%)" in said.stdout


@pytest.mark.parametrize(
    ("facts", "truths", "words"),
    [
        ([], [], "there is no fact to judge"),
        ([{"type": "churn_risk.changed"}], [], "occurred_at"),
        (["no object"], [], "line 1 is no JSON object"),
        ([fact("a", "2025-05-02T01:00:00Z")], [{"left_on": None}], "line 1 needs a subscriber_id"),
        ([fact("a", "2025-05-02T01:00:00Z")], [{"subscriber_id": "a"}], "a left_on"),
        ([fact("a", "2025-05-02T01:00:00Z")], [{"subscriber_id": "a", "left_on": "soon"}], "line 1 needs"),
    ],
)
def test_what_cannot_be_read_is_wrong_use(
    facts: list[object], truths: list[object], words: str, tmp_path: Path
) -> None:
    said = stream_app(
        "judge", "--facts", written(tmp_path / "facts", *facts), "--truth", written(tmp_path / "truth", *truths)
    )
    assert said.exit_code == 2
    assert words in said.stderr


def test_a_zone_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    facts = written(tmp_path / "facts", fact("a", "2025-05-02T01:00:00Z"))
    said = stream_app("judge", "--facts", facts, "--truth", facts, "--zone", "Middle-earth")
    assert said.exit_code == 2
    assert "is no time zone" in said.stderr
