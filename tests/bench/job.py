"""The job of the benchmark, pure: an event changes an account, and now and then its tier.

Rule: every contender in Python works by this rule, so that the figures compare engines, not rules. The right answer
is reference.py's, which shares no code with this module.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

TIERS = (None, "C6", "C5", "C4", "C3", "C2", "C1")
"""Codes by level; null is the lowest."""

FLOORS_FEN = (20_000, 30_000, 50_000, 80_000, 150_000, 300_000)
WINDOW_MONTHS = 3
# ARPU is a third of the sum, rounded down: it reaches a floor just when the sum reaches three times the floor.
_BOUNDS = (0, *(WINDOW_MONTHS * floor for floor in FLOORS_FEN), 1 << 62)
_FIRST_UNIT = {"voice": 5, "sms": 8, "data": 11}
SHANGHAI = timedelta(hours=8)  # all year round since 1991
SURE_DAYS = range(2, 28)  # of a month, whatever the offset

Account = list[int]
"""What is kept of a subscriber: the level held, the latest month; by month modulo 3 fen, seconds, messages, bytes."""


class JobEvent(msgspec.Struct, gc=False):
    """An event as it stands in the input; the key has the subscriber too."""

    event_id: str
    service: str
    units: int
    charge_fen: int
    occurred_at: str


class Change(msgspec.Struct, gc=False, rename={"from_": "from"}):
    """A change of tier as it stands in the output."""

    subscriber_id: str
    event_id: str
    from_: str | None
    to: str | None
    arpu_fen: int
    month: str


read_event: Callable[[bytes], JobEvent] = msgspec.json.Decoder(JobEvent).decode
write_change: Callable[[Change], bytes] = msgspec.json.Encoder().encode


class MonthsByDay(dict[str, int]):
    """Billing months (year * 12 + month - 1) by day; 0 where it takes the hour and the offset to tell."""

    def __missing__(self, day: str) -> int:
        """Find it once."""
        at = datetime.fromisoformat(day)
        self[day] = month = at.year * 12 + at.month - 1 if at.day in SURE_DAYS else 0
        return month


class MonthsByHour(dict[str, int]):
    """Billing months by hour and offset (of whole hours): `2025-03-14T15+08:00`."""

    def __missing__(self, hour: str) -> int:
        """Find it once."""
        at = datetime.fromisoformat(f"{hour[:13]}:00:00{hour[13:]}")
        local = at.replace(tzinfo=None) - (at.utcoffset() or timedelta()) + SHANGHAI
        self[hour] = month = local.year * 12 + local.month - 1
        return month


_by_day, _by_hour = MonthsByDay(), MonthsByHour()


def month_name(month: int) -> str:
    """Write a month as YYYY-MM."""
    return f"{month // 12}-{month % 12 + 1:02}"


def new_account() -> Account:
    """Begin an account."""
    return [0] * 14


def add(account: Account, event: JobEvent) -> int | None:
    """Add an event; give the level held before if the tier changed."""
    occurred_at = event.occurred_at
    month = _by_day[occurred_at[:10]] or _by_hour[occurred_at[:13] + occurred_at[-6:]]
    latest = account[1]
    if month != latest:
        if month < latest - 2:
            return None
        if month > latest:
            _turn(account, month)
    slot = month % 3
    account[2 + slot] += event.charge_fen
    account[_FIRST_UNIT[event.service] + slot] += event.units
    sum_fen, level = account[2] + account[3] + account[4], account[0]
    if _BOUNDS[level] <= sum_fen < _BOUNDS[level + 1]:
        return None
    account[0] = sum(sum_fen >= bound for bound in _BOUNDS[1:])
    return level


def _turn(account: Account, month: int) -> None:
    for gone in range(max(account[1], month - WINDOW_MONTHS) + 1, month + 1):
        slot = gone % 3
        account[2 + slot] = account[5 + slot] = account[8 + slot] = account[11 + slot] = 0
    account[1] = month


def arpu_fen(account: Account) -> int:
    """Give a third of the charges of the last three months, rounded down."""
    return sum(account[2:5]) // WINDOW_MONTHS


def change(account: Account, subscriber_id: str, event_id: str, before: int) -> bytes:
    """Write the change from a level to the one held now."""
    to, month = TIERS[account[0]], month_name(account[1])
    return write_change(Change(subscriber_id, event_id, TIERS[before], to, arpu_fen(account), month))


pack: Callable[[Account], bytes] = msgspec.msgpack.Encoder().encode
unpack: Callable[[bytes], Account] = msgspec.msgpack.Decoder(list[int]).decode
