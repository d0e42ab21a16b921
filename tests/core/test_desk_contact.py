"""When a customer may be called."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.desk.contact import Contacting, Permission, due_by_day, is_quiet, may_call
from stream_app.core.desk.policy import DeskPolicy
from stream_app.core.months import BillingCalendar

SHANGHAI, NEW_YORK = BillingCalendar("Asia/Shanghai", 1), BillingCalendar("America/New_York", 1)
DESK = DeskPolicy()
HOURS = st.integers(0, 24)


def local(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2025, 6, day, hour, minute, tzinfo=SHANGHAI.zone).astimezone(UTC)


def permission(at: datetime, contacting: Contacting | None = None, **own: Any) -> Permission:
    return may_call(contacting or Contacting(), at, DeskPolicy(**own), SHANGHAI)


@pytest.mark.parametrize(
    ("hour", "minute", "until"),
    [(8, 59, (9, 10)), (0, 0, (9, 10)), (21, 0, (9, 11)), (23, 59, (9, 11)), (9, 0, None), (20, 59, None)],
)
def test_nobody_is_called_in_quiet_hours_that_span_midnight(
    hour: int, minute: int, until: tuple[int, int] | None
) -> None:
    found = permission(local(hour, minute))
    if until is None:
        assert found == Permission(allowed=True)
    else:
        assert found == Permission(False, "quiet_hours", local(until[0], day=until[1]))


@pytest.mark.parametrize(("hour", "quiet"), [(11, False), (12, True), (13, True), (14, False), (0, False)])
def test_quiet_hours_may_lie_within_a_day(hour: int, *, quiet: bool) -> None:
    desk = DeskPolicy(quiet_from_hour=12, quiet_until_hour=14)
    assert is_quiet(local(hour), desk, SHANGHAI) == quiet


@pytest.mark.parametrize(
    ("due", "moved"),
    [
        ((20, 59, 10), (20, 59, 10)),
        ((21, 0, 10), (10, 0, 11)),
        ((2, 30, 11), (10, 0, 11)),
        ((9, 30, 11), (10, 0, 11)),
        ((10, 0, 11), (10, 0, 11)),
    ],
)
def test_what_falls_due_in_quiet_hours_is_due_one_hour_after_them(
    due: tuple[int, int, int], moved: tuple[int, int, int]
) -> None:
    assert due_by_day(local(*due), DESK, SHANGHAI) == local(*moved)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2026, 1, 1)), HOURS, HOURS)  # noqa: DTZ001 - UTC is put on below
def test_nothing_is_due_earlier_than_it_was_nor_before_it_may_be_called(at: datetime, start: int, end: int) -> None:
    desk, due = DeskPolicy(quiet_from_hour=start % 24, quiet_until_hour=end), at.replace(tzinfo=UTC)
    if (start % 24, end) == (0, 24):
        return  # no hour is left: such a policy is refused
    moved = due_by_day(due, desk, SHANGHAI)
    permission = may_call(Contacting(), due, desk, SHANGHAI)
    assert moved >= max(due, permission.from_at or due)


def test_another_try_is_told_from_a_day_agreed() -> None:
    later = local(15)
    another, agreed = (Contacting(not_before_at=later, is_another_try=another) for another in (True, False))
    assert permission(local(12), another) == Permission(False, "try_again", later)
    assert permission(local(12), agreed) == Permission(False, "not_before", later)


def test_hours_that_begin_where_they_end_are_none() -> None:
    assert permission(local(3), quiet_from_hour=9, quiet_until_hour=9).allowed


def test_hours_up_to_midnight_end_there() -> None:
    found = permission(local(22), quiet_from_hour=21, quiet_until_hour=24)
    assert found.from_at == local(0, day=11)


def test_one_call_a_day_and_the_next_after_the_quiet_hours_of_the_next() -> None:
    found = permission(local(15), Contacting(calls_today=1))
    assert found == Permission(False, "called_today", local(9, day=11))
    assert permission(local(15), Contacting(calls_today=1), calls_a_day=2).allowed


def test_who_asked_not_to_be_called_is_never() -> None:
    assert permission(local(15), Contacting(do_not_call=True)) == Permission(False, "do_not_call", None)


def test_a_follow_up_is_not_before_its_time_nor_in_quiet_hours() -> None:
    assert permission(local(15), Contacting(not_before_at=local(16))) == Permission(False, "not_before", local(16))
    late = Contacting(not_before_at=local(22))
    assert permission(local(15), late) == Permission(False, "not_before", local(9, day=11))
    assert permission(local(15), Contacting(not_before_at=local(15))).allowed


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds it
    HOURS,
    HOURS,
    st.integers(0, 2),
    st.integers(-50, 50),
    st.sampled_from([SHANGHAI, NEW_YORK]),
)
def test_from_the_instant_told_on_a_call_is_allowed(
    now: datetime, start: int, end: int, calls: int, hours: int, calendar: BillingCalendar
) -> None:
    if (start, end) == (0, 24):
        return  # the policy file refuses it
    desk = DeskPolicy(quiet_from_hour=start, quiet_until_hour=end)
    contacting = Contacting(calls_today=calls, not_before_at=now + timedelta(hours=hours))
    found = may_call(contacting, now, desk, calendar)
    assert found.allowed == (found.from_at is None)
    if found.from_at is not None:
        assert found.from_at > now
        is_next_day = calendar.local_date(found.from_at) > calendar.local_date(now)
        then = contacting._replace(calls_today=0 if is_next_day else calls)
        assert may_call(then, found.from_at, desk, calendar).allowed
