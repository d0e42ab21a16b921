"""Real and published data, with the answers that came with it: both engines, to the fen."""

import csv
import gzip
from datetime import datetime
from pathlib import Path

import pytest

from stream_app.local import LocalKafka
from tests.e2e.outcome import Case, Outcome, offline, on_kafka

DATA = Path(__file__).parents[3] / "shared" / "data"
ANSWERS = [
    pytest.param("megaline", "2019-01-04T00:00:00+00:00", id="megaline"),
    pytest.param("expresso", "2023-04-04T00:00:00+00:00", id="expresso"),
]
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the data beside the repository is not here")


def case_of(name: str, until: str) -> Case:
    lines = gzip.decompress((DATA / name / "events.ndjson.gz").read_bytes()).splitlines()
    return Case(lines, (DATA / name / "policy.yaml").read_text(), datetime.fromisoformat(until))


def expected(name: str) -> dict[tuple[str, str], tuple[int, int, str | None]]:
    with gzip.open(DATA / name / "month_closed.csv.gz", "rt") as file:
        return {(row["subscriber_id"], row["billing_month"]): figures(row) for row in csv.DictReader(file)}


def figures(row: dict[str, str]) -> tuple[int, int, str | None]:
    return int(row["revenue_fen"]), int(row["arpu_fen"]), row["official_tier"] or None


def answered(outcome: Outcome) -> dict[tuple[str, str], tuple[object, ...]]:
    return {key: (revenue, arpu, tier) for key, (revenue, _billed, arpu, tier, _on) in outcome.months().items()}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "until"), ANSWERS)
def test_the_rules_alone_give_the_published_answer(name: str, until: str) -> None:
    outcome = offline(case_of(name, until))
    assert answered(outcome) == expected(name)
    assert outcome.faults() == []
    assert outcome.rejected == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "until"), ANSWERS)
async def test_the_worker_on_kafka_gives_the_published_answer(name: str, until: str, kafka: LocalKafka) -> None:
    case = case_of(name, until)
    outcome = await on_kafka(case, kafka.bootstrap)
    assert answered(outcome) == expected(name)
    assert outcome.subscribers == offline(case).subscribers
    assert outcome.faults() == []
    assert outcome.rejected == []
