"""The growth pool: who is just below the mid-to-high end, and how many a target asks for."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.commands.running import stream_app


def customer(name: str, value_class: str, gap_fen: int | None = None, **own: Any) -> dict[str, Any]:
    given = {"subscriber_id": name, "value_class": value_class, "growth_gap_fen": gap_fen, "arpu_closed_fen": 10_000}
    return {**given, "arpu_live_fen": 11_000, "branch_id": "b-1", "tenure_months": 9, "plan_fit": None, **own}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    customers = [
        customer("far", "quasi", 3_900),
        customer("near", "quasi", 1, plan_fit={"move_to": "minutes-500"}),
        customer("much", "important"),
        customer("seldom", "irregular"),
        customer("nothing", "none"),
    ]
    (tmp_path / "subscribers.ndjson").write_bytes(b"\n".join(map(orjson.dumps, customers)))
    return tmp_path


def test_the_nearest_come_first_with_what_they_lack_and_a_plan_that_fits(folder: Path) -> None:
    said = stream_app("growth", "--from", folder, "--target", 6, "--loss-percent", 50)
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert lines[0] == "mid-to-high-end 中高端客户  2 (important 1, ordinary 0, irregular 1, churn-inclined 0)"
    assert "6 - (2 - 1) = 5; the pool and the irregular are 3: 2 too few" in lines[2]
    assert [line.split()[:2] for line in lines[-2:]] == [["near", "0.01"], ["far", "39.00"]]
    assert "offer minutes-500" in lines[-2]


def test_the_whole_pool_goes_into_a_table(folder: Path) -> None:
    said = stream_app("growth", "--from", folder, "--csv", "--top", 1)
    assert said.stdout.splitlines()[1:] == ["near,b-1,1,10000,11000,9,minutes-500", "far,b-1,3900,10000,11000,9,"]


def test_a_folder_without_answers_is_wrong_use(tmp_path: Path) -> None:
    said = stream_app("growth", "--from", tmp_path)
    assert said.exit_code == 2
    assert "replay --out" in said.stderr
