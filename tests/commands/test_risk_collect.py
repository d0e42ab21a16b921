"""`risk collect`: outcomes as a table to fit on."""

import csv
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from stream_app.commands.risk_collect import collect
from stream_app.core.outcomes import STORED


def outcome(fact_id: str, subscriber_id: str, *, left: bool, days: tuple[int, ...] = (30, 60)) -> dict[str, Any]:
    before = [
        {"days_before": each, "seen_on": "2025-05-01", "indicators": {"silent_days": each, "balance_fen": None}}
        for each in days
    ]
    return {
        "fact_id": fact_id,
        "subscriber_id": subscriber_id,
        "left": left,
        "weight": 50,
        "outcome_on": "2025-06-03",
        "before": before,
    }


def run(folder: Path, outcomes: list[dict[str, Any]], *words: str) -> Result:
    lines = "".join(f"{json.dumps(each)}\n" for each in outcomes)
    (folder / "churn-outcomes.ndjson").write_text(lines, encoding="utf-8")
    given = ["--from", str(folder), "--out", str(folder / "table.csv"), *words]
    return CliRunner().invoke(collect, given)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "table.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_an_outcome_is_a_line_and_a_repeat_of_it_is_none(tmp_path: Path) -> None:
    gone, here = outcome("1", "s-1", left=True), outcome("2", "s-2", left=False)
    said = run(tmp_path, [gone, here, gone])
    assert said.stdout.startswith("2 outcomes, 1 left, 1 stayed")
    found = rows(tmp_path)
    assert list(found[0]) == ["subscriber_id", "left", *STORED]
    assert [(row["subscriber_id"], row["left"], row["silent_days"]) for row in found] == [
        ("s-1", "1", "30"),
        ("s-2", "0", "30"),
    ]
    assert found[0]["balance_fen"] == found[0]["spend_pace_percent"] == ""


def test_the_days_before_choose_the_reading(tmp_path: Path) -> None:
    run(tmp_path, [outcome("1", "s-1", left=True), outcome("2", "s-2", left=False, days=(30,))], "--days", "60")
    assert [(row["subscriber_id"], row["silent_days"]) for row in rows(tmp_path)] == [("s-1", "60")]


def test_what_tells_who_left_is_there_only_where_asked_for(tmp_path: Path) -> None:
    run(tmp_path, [outcome("1", "s-1", left=True)], "--context")
    assert [(row["weight"], row["lead_days"], row["branch_id"]) for row in rows(tmp_path)] == [("50", "33", "")]


def test_nothing_is_written_where_nothing_was_recorded(tmp_path: Path) -> None:
    said = run(tmp_path, [])
    assert (said.exit_code, "nothing is written" in said.stderr) == (1, True)
    assert not (tmp_path / "table.csv").exists()


def test_a_folder_without_outcomes_is_wrong_use(tmp_path: Path) -> None:
    said = CliRunner().invoke(collect, ["--from", str(tmp_path), "--out", str(tmp_path / "table.csv")])
    assert (said.exit_code, "churn-outcomes.ndjson" in said.stderr) == (2, True)
