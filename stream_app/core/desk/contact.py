"""When a customer may be called: not in quiet hours, not too often, not who asked not to be (DOMAIN section 6)."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from stream_app.core.desk.policy import DeskPolicy
from stream_app.core.months import ONE_DAY, BillingCalendar

Why = Literal["do_not_call", "not_before", "try_again", "called_today", "quiet_hours"]
DAY_HOURS = 24
AFTER_QUIET = timedelta(hours=1)  # who is to be called has that long at least


class Contacting(NamedTuple):
    """What bears on a call to a customer."""

    do_not_call: bool = False
    calls_today: int = 0  # on the local day
    not_before_at: datetime | None = None
    is_another_try: bool = False  # put off as nobody was reached, not as agreed


class Permission(NamedTuple):
    """Whether a call may be made now; else why not, and from when on (None: never)."""

    allowed: bool
    why: Why | None = None
    from_at: datetime | None = None


def may_call(contacting: Contacting, now: datetime, desk: DeskPolicy, calendar: BillingCalendar) -> Permission:
    """Say whether a customer may be called now; the first reason against it is told."""
    if contacting.do_not_call:
        return Permission(allowed=False, why="do_not_call")
    why: Why | None = None
    from_at = now
    if contacting.not_before_at is not None and contacting.not_before_at > now:
        why, from_at = "try_again" if contacting.is_another_try else "not_before", contacting.not_before_at
    if contacting.calls_today >= desk.calls_a_day:
        why, from_at = why or "called_today", max(from_at, midnight_after(now, calendar))
    if is_quiet(from_at, desk, calendar):
        why, from_at = why or "quiet_hours", quiet_until(from_at, desk, calendar)
    return Permission(allowed=True) if why is None else Permission(allowed=False, why=why, from_at=from_at)


def is_quiet(at: datetime, desk: DeskPolicy, calendar: BillingCalendar) -> bool:
    """Tell whether an instant lies in the quiet hours, which may span midnight."""
    hour, start, end = at.astimezone(calendar.zone).hour, desk.quiet_from_hour, desk.quiet_until_hour
    if start <= end:
        return start <= hour < end
    return hour >= start or hour < end


def quiet_until(at: datetime, desk: DeskPolicy, calendar: BillingCalendar) -> datetime:
    """Give the end of the quiet hours that an instant lies in; where a clock leaves it out, the first hour after."""
    end = calendar.midnight(calendar.local_date(at))
    while end <= at or is_quiet(end, desk, calendar):
        end += timedelta(hours=1)
    return end


def due_by_day(at: datetime, desk: DeskPolicy, calendar: BillingCalendar) -> datetime:
    """Move a time by which to call that quiet hours leave no time for to one hour after they end."""
    quiet = next((each for each in (at, at - AFTER_QUIET) if is_quiet(each, desk, calendar)), None)
    return at if quiet is None else quiet_until(quiet, desk, calendar) + AFTER_QUIET


def midnight_after(at: datetime, calendar: BillingCalendar) -> datetime:
    """Give the next local midnight."""
    return calendar.midnight(calendar.local_date(at) + ONE_DAY)
