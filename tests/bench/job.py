"""The job of the benchmark, pure: an event changes an account, and now and then its tier.

Rule: every contender in Python works by this rule, so that the figures compare engines, not rules. The right answer
is reference.py's, which shares no code with this module.
"""

import struct
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

TIERS = (None, "C6", "C5", "C4", "C3", "C2", "C1")
"""Codes by level; null is the lowest."""

FLOORS_FEN = (20_000, 30_000, 50_000, 80_000, 150_000, 300_000)
WINDOW_MONTHS = 3
# ARPU is a third of the sum, rounded down: it reaches a floor just when the sum reaches three times the floor.
_BOUNDS = (0, *(WINDOW_MONTHS * floor for floor in FLOORS_FEN), 1 << 62)
_PACKED = struct.Struct("<BH3q3i3i3q")  # level, latest month; by month modulo 3: fen, seconds, messages, bytes
_FIRST_UNIT = {"voice": 0, "sms": 3, "data": 6}
SHANGHAI = timedelta(hours=8)  # all year round since 1991


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


class Months(dict[str, int]):
    """Billing months (year * 12 + month - 1) by hour and offset: `2025-03-14T15+08:00`."""

    def __missing__(self, hour: str) -> int:
        """Find it once."""
        at = datetime.fromisoformat(f"{hour[:13]}:00:00{hour[13:]}")
        local = at.replace(tzinfo=None) - (at.utcoffset() or timedelta()) + SHANGHAI
        self[hour] = month = local.year * 12 + local.month - 1
        return month


_months = Months()


def month_of(occurred_at: str) -> int:
    """Give the month in Shanghai; offsets are of whole hours."""
    return _months[occurred_at[:13] + occurred_at[-6:]]


def month_name(month: int) -> str:
    """Write a month as YYYY-MM."""
    return f"{month // 12}-{month % 12 + 1:02}"


class Account:
    """What is kept of a subscriber: charges and units of the last three months, and the tier."""

    __slots__ = ("charges", "latest", "level", "units")

    def __init__(self) -> None:
        self.level = self.latest = 0
        self.charges = [0, 0, 0]
        self.units = [0] * 9

    def add(self, month: int, service: str, units: int, charge_fen: int) -> int | None:
        """Add an event; give the level held before if the tier changed."""
        latest = self.latest
        if month > latest:
            self._turn_to(month)
        elif month < latest - 2:
            return None
        slot = month % 3
        charges = self.charges
        charges[slot] += charge_fen
        self.units[_FIRST_UNIT[service] + slot] += units
        total, level = charges[0] + charges[1] + charges[2], self.level
        if _BOUNDS[level] <= total < _BOUNDS[level + 1]:
            return None
        self.level = sum(total >= bound for bound in _BOUNDS[1:])
        return level

    def _turn_to(self, month: int) -> None:
        for gone in range(max(self.latest, month - WINDOW_MONTHS) + 1, month + 1):
            slot = gone % 3
            self.charges[slot] = self.units[slot] = self.units[3 + slot] = self.units[6 + slot] = 0
        self.latest = month

    @property
    def arpu_fen(self) -> int:
        """Give a third of the charges of the last three months, rounded down."""
        return sum(self.charges) // WINDOW_MONTHS

    def change(self, subscriber_id: str, event_id: str, before: int) -> bytes:
        """Write the change from a level to the one held now."""
        return write_change(
            Change(
                subscriber_id, event_id, TIERS[before], TIERS[self.level], self.arpu_fen, month_name(self.latest)
            )
        )  # fmt: skip

    def pack(self) -> bytes:
        """Write the account in 75 bytes."""
        return _PACKED.pack(self.level, self.latest, *self.charges, *self.units)


def unpack(packed: bytes) -> Account:
    """Read what `pack` wrote."""
    level, latest, *figures = _PACKED.unpack(packed)
    account = Account()
    account.level, account.latest, account.charges, account.units = level, latest, figures[:3], figures[3:]
    return account
