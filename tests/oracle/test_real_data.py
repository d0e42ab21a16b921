"""The oracle gives the answers that came with the shared data, to the unit; where the data is, that is."""

import csv
import gzip
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zlib import crc32

import pytest
import yaml

from tests.oracle.oracle import Answer, answer

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
UNTIL = {
    "megaline": datetime.fromisoformat("2019-01-04T00:00:00Z"),
    "expresso": datetime.fromisoformat("2023-04-04T00:00:00Z"),
}
Rows = Mapping[tuple[str, str], tuple[int, int, str | None]]

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")


def expected(name: str, share: int) -> Rows:
    with gzip.open(DATA / name / "month_closed.csv.gz", "rt", encoding="utf-8") as file:
        return {
            (row["subscriber_id"], row["billing_month"]): (
                int(row["revenue_fen"]),
                int(row["arpu_fen"]),
                row["official_tier"] or None,
            )
            for row in csv.DictReader(file)
            if crc32(row["subscriber_id"].encode()) % share == 0
        }


def replayed(name: str, share: int) -> Answer:
    """Work one in `share` of the subscribers."""
    policy = yaml.safe_load((DATA / name / "policy.yaml").read_text(encoding="utf-8"))
    with gzip.open(DATA / name / "events.ndjson.gz", "rb") as file:
        lines = [line for line in file if crc32(line.split(b'"subscriber_id":"')[1].split(b'"')[0]) % share == 0]
    return answer(lines, [policy], UNTIL[name], closes_only=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", UNTIL)
@pytest.mark.parametrize("share", [20, pytest.param(1, marks=pytest.mark.slow)])
def test_every_row_is_the_one_published(name: str, share: int) -> None:
    given = replayed(name, share)
    rows = {key: (row.revenue_fen, row.arpu_fen, row.official_tier) for key, row in given.months.items()}
    assert rows == expected(name, share)
    assert rows
    assert not given.rejected
    assert not given.duplicates
