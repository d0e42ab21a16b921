"""Billing months: zones, anchor days, summer time, and years far away."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.core.months import BillingCalendar, calendar_for, month_name, month_number
from tests.core.builders import Story, deactivated, instant, policy, revisions

TOUCH = timedelta(microseconds=1)
ZONES = ("Asia/Shanghai", "UTC", "America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia")


def month_at(calendar: BillingCalendar, at: str) -> str:
    return month_name(calendar.month_of(instant(at)))


@given(st.integers(0, 9999 * 12 + 11))
def test_a_month_is_read_as_it_is_written(month: int) -> None:
    assert month_number(month_name(month)) == month


@pytest.mark.parametrize(
    "name",
    ["2025-13", "2025-00", "2025-1", "25-01", "202501", "2025-01-01", "\N{FULLWIDTH DIGIT TWO}025-01", "-025-01", ""],
)
def test_what_is_no_month_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        month_number(name)


def test_months_turn_at_midnight_in_shanghai() -> None:
    calendar = calendar_for("Asia/Shanghai", 1)
    assert month_at(calendar, "2025-01-31T15:59:59.999999Z") == "2025-01"
    assert month_at(calendar, "2025-01-31T16:00:00Z") == "2025-02"


def test_a_month_is_named_after_the_day_it_starts_in() -> None:
    calendar = calendar_for("UTC", 15)
    assert month_at(calendar, "2025-02-14T23:59:59.999999Z") == "2025-01"
    assert month_at(calendar, "2025-02-15T00:00:00Z") == "2025-02"
    assert month_at(calendar, "2025-01-14") == "2024-12"


def test_a_month_ends_where_the_next_one_starts() -> None:
    calendar = calendar_for("UTC", 1)
    assert calendar.start(month_number("2025-02") + 1) == instant("2025-03-01T00:00:00Z")


def test_where_midnight_is_skipped_a_month_starts_with_the_first_instant_of_its_day() -> None:
    calendar = calendar_for("America/Sao_Paulo", 15)  # 2017-10-15 began at 01:00
    start = calendar.start(month_number("2017-10"))
    assert start == instant("2017-10-15T03:00:00Z")
    assert calendar.local_date(start) == date(2017, 10, 15)
    assert calendar.local_date(start - TOUCH) == date(2017, 10, 14)


def test_an_hour_lived_twice_before_midnight_belongs_to_the_day_before() -> None:
    calendar = calendar_for("America/Sao_Paulo", 18)  # at the end of 2018-02-17 clocks went back to 23:00
    assert month_at(calendar, "2018-02-18T02:30:00Z") == "2018-01"
    assert month_at(calendar, "2018-02-18T03:00:00Z") == "2018-02"


def test_where_midnight_comes_twice_a_month_starts_with_the_first() -> None:
    calendar = calendar_for("America/Havana", 3)  # on 2024-11-03 clocks went back from 01:00 to 00:00
    assert calendar.start(month_number("2024-11")) == instant("2024-11-03T04:00:00Z")
    assert month_at(calendar, "2024-11-03T05:30:00Z") == "2024-11"


@pytest.mark.parametrize(
    ("at", "month"),
    [
        ("0001-01-01T00:00:00Z", "0001-01"),
        ("1850-07-01", "1850-07"),
        ("1999-12-15", "1999-12"),
        ("2099-11-15", "2099-11"),
        ("2099-12-15", "2099-12"),
        ("2100-01-15", "2100-01"),
        ("9999-12-31T23:59:59.999999Z", "9999-12"),
    ],
)
@pytest.mark.parametrize("zone", ZONES)
def test_years_far_away_have_months_too(zone: str, at: str, month: str) -> None:
    assert month_at(calendar_for(zone, 1), at) == month


@pytest.mark.parametrize("year", ["1999", "2000", "2099", "2100", "2101"])
def test_months_start_alike_where_they_are_laid_out_and_where_not(year: str) -> None:
    assert calendar_for("UTC", 1).start(month_number(f"{year}-01")) == instant(f"{year}-01-01T00:00:00Z")


def test_no_month_starts_outside_the_years_that_have_instants() -> None:
    calendar = calendar_for("Asia/Shanghai", 1)
    assert calendar.start(month_number("0001-01")) == datetime.min.replace(tzinfo=UTC)
    assert calendar.start(month_number("0001-01") - 1) == datetime.min.replace(tzinfo=UTC)
    assert calendar.start(month_number("9999-12") + 1) == datetime.max.replace(tzinfo=UTC)


def test_who_left_in_the_year_1_stops_nothing() -> None:
    story = Story(policy(zone="Asia/Shanghai", anchor_day=15))
    story.take(deactivated("0001-01-01T00:00:00Z"))
    assert revisions(story.tick("0003-01-01")) == [("0000-12", 0)]


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.sampled_from(ZONES),
    st.sampled_from((1, 15, 28)),
)
def test_an_instant_lies_within_its_month_and_its_local_date_says_which(at: datetime, zone: str, anchor: int) -> None:
    calendar = calendar_for(zone, anchor)
    month = calendar.month_of(at)
    assert calendar.start(month) <= at < calendar.start(month + 1)
    local = at.astimezone(ZoneInfo(zone)).date()
    assert month == local.year * 12 + local.month - 1 - (local.day < anchor)


@settings(max_examples=20)
@given(st.lists(st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 31), timezones=st.just(UTC))))  # noqa: DTZ001
def test_which_month_was_asked_for_before_does_not_matter(instants: list[datetime]) -> None:
    calendar = calendar_for("Europe/Berlin", 15)
    assert {at: calendar.month_of(at) for at in instants} == {at: calendar.month_of(at) for at in sorted(instants)}


def test_a_day_is_numbered_by_its_local_date() -> None:
    calendar = calendar_for("Asia/Shanghai", 1)
    assert calendar.day_of(instant("2025-01-31T16:00:00Z")) == date(2025, 2, 1).toordinal()
    assert calendar.midnight(date(2025, 2, 1)) == instant("2025-01-31T16:00:00Z")


@given(
    st.sampled_from(
        ["UTC", "Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"]
    ),
    st.sampled_from([1, 15, 28]),
    st.lists(st.integers(-62_000_000_000, 253_000_000_000) | st.integers(1_298_937_600, 1_333_238_400), max_size=30),
)
def test_the_bit_of_a_day_counts_from_the_first_of_its_month_in_any_order(
    zone: str, anchor_day: int, instants: list[int]
) -> None:
    calendar = BillingCalendar(zone, anchor_day)
    for at in (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=each) for each in instants):
        month, bit = calendar.place_of(at)
        assert (month, calendar.first_day(month) + bit.bit_length() - 1) == (calendar.month_of(at), calendar.day_of(at))
        assert bit.bit_count() == 1
