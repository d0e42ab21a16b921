"""Instants, dates and months have one spelling each, and the patterns of the schemas know the same calendar."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.wire.instants import (
    DATE_PATTERN,
    INSTANT_PATTERN,
    MONTH_PATTERN,
    read_date,
    read_instant,
    read_month,
    write_instant,
)
from tests.wire.records import instants

nearly_dates = st.from_regex(r"[0-9]{4}-[0-3][0-9]-[0-4][0-9]", fullmatch=True) | st.dates().map(str)
nearly_instants = instants | st.builds(
    lambda day, hour, rest: f"{day}{hour}{rest}",
    nearly_dates,
    st.from_regex(r"[Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9]", fullmatch=True),
    st.from_regex(r"(\.[0-9]{0,7})?([Zz]|[+-][0-2][0-9]:?[0-6][0-9])", fullmatch=True),
)


USUAL = ["2025-03-01T08:00:12+08:00", "2024-02-29T23:59:59.5-05:30", "2025-03-01T08:00:12.345678+00:00"]
LOOK_ALIKES = "059 -+:.,TZW_\u0665\u00e9"


def read_by_pattern(text: str) -> datetime | None:
    if not matches(INSTANT_PATTERN, text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        return None


def matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), text) is not None


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_written_is_read_again(at: datetime) -> None:
    assert read_instant(write_instant(at)) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2025-03-01T08:00:00+08:00", datetime(2025, 3, 1, tzinfo=UTC)),
        ("2025-03-01t00:00:00.5z", datetime(2025, 3, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("2025-03-01T00:00:00-00:00", datetime(2025, 3, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59-01:00", None),
        ("0001-01-01T00:00:00+01:00", None),
    ],
)
def test_an_instant_is_read_as_utc_or_not_at_all(text: str, at: datetime | None) -> None:
    assert read_instant(text) == at


@pytest.mark.parametrize("text", USUAL)
def test_the_usual_spelling_with_any_two_characters_changed_is_read_as_the_pattern_has_it(text: str) -> None:
    @given(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, 1), st.sampled_from(LOOK_ALIKES)), max_size=2))
    def check(changes: list[tuple[int, int, str]]) -> None:
        changed = text
        for place, removed, put_in in changes:
            changed = changed[:place] + put_in + changed[place + removed :]
        assert read_instant(changed) == read_by_pattern(changed)

    check()


def test_the_usual_spelling_with_one_character_changed_or_left_out_is_read_as_the_pattern_has_it() -> None:
    for text in USUAL:
        for place in range(len(text)):
            for put_in in ["", *LOOK_ALIKES]:
                changed = text[:place] + put_in + text[place + 1 :]
                found = read_instant(changed)
                assert found == read_by_pattern(changed)
                assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("read", "pattern", "texts"),
    [
        (read_instant, INSTANT_PATTERN, nearly_instants | st.text()),
        (read_date, DATE_PATTERN, nearly_dates | st.text()),
        (read_month, MONTH_PATTERN, st.from_regex(r"[0-9]{4}-[0-2][0-9]", fullmatch=True) | st.text()),
    ],
)
def test_the_pattern_of_the_schema_and_the_reader_agree(
    read: Callable[[str], object], pattern: str, texts: st.SearchStrategy[str]
) -> None:
    @given(texts)
    def check(text: str) -> None:
        at_the_edge = text[:4] in {"0001", "9999"} and read is read_instant  # no UTC instant: no pattern can know
        assert at_the_edge or matches(pattern, text) == (read(text) is not None)

    check()


def test_the_patterns_know_every_day_of_four_centuries() -> None:
    for year in range(1600, 2001):
        for month in range(1, 13):
            for day in range(28, 32):
                text = f"{year}-{month:02}-{day:02}"
                assert matches(DATE_PATTERN, text) == (read_date(text) is not None)


def test_a_date_is_read() -> None:
    assert read_date("2024-02-29") == date(2024, 2, 29)
