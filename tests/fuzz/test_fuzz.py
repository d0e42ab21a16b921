"""The fuzzer in its short forms, and the fuzzer itself: it finds what is put there to be found."""

from collections import Counter
from pathlib import Path
from typing import get_args

import orjson
import pytest

from stream_app.wire.invalid import Reason
from tests.fuzz.run import Run, save

SEED = 20


def outcomes(records: int, first: int = 0) -> Counter[str]:
    """Fuzz with so many records; what they came to."""
    total: Counter[str] = Counter()
    for told in Run(SEED, first).courses(records):
        assert told.finding is None, told.finding.words
        total += told.outcomes
    return total


def test_some_courses_of_mutated_records_break_nothing() -> None:
    assert outcomes(8000).total() >= 8000


@pytest.mark.slow
def test_a_hundred_thousand_mutated_records_break_nothing_and_meet_every_reason() -> None:
    met = outcomes(100_000, first=1)
    assert met.keys() >= {*get_args(Reason), "accepted", "repeated", "ticks", "fact month.closed"}


def test_the_same_course_comes_out_the_same() -> None:
    assert Run(SEED).course(3, 500).outcomes == Run(SEED).course(3, 500).outcomes


def test_what_breaks_is_found_and_can_be_had_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("stream_app.wire.decode.shown", lambda value: f"{value}"[10**9])
    told = Run(SEED).course(2, 500)
    assert told.finding is not None
    written = orjson.loads(save(told.finding, SEED, 1, tmp_path).read_bytes())
    assert written["again"] == f"python -m tests.fuzz --seed {SEED} --jobs 1 --course 2"
    assert "IndexError" in written["words"][-1]
    assert written["record"] == told.finding.place
