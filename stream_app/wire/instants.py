"""Instants, dates and months as text: one spelling of each is the contract.

RFC 3339 ``YYYY-MM-DDTHH:MM:SS[.1-6 digits](Z|+HH:MM|-HH:MM)``, t and z in lower case too; no space, no leap second,
no hour 24.
The readers give None for anything else, also for what has no UTC instant within the years 1 to 9999.
"""

import re
from datetime import UTC, date, datetime, timedelta

from stream_app.core.months import month_number

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_TIME = rf"[Tt]{_CLOCK}:[0-5][0-9](?:\.[0-9]{{1,6}})?(?:[Zz]|[+-]{_CLOCK})"
_INSTANT = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_TIME}").fullmatch
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch

# The same calendar as a pattern, leap years included, for readers of the JSON Schemas.
_LEAP_YEAR = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_LONG_MONTH, _SHORT_MONTH = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])", "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
_FEBRUARY = "02-(?:0[1-9]|1[0-9]|2[0-8])"
_DAY = rf"(?!0000)(?:[0-9]{{4}}-(?:{_LONG_MONTH}|{_SHORT_MONTH}|{_FEBRUARY})|{_LEAP_YEAR}-02-29)"
INSTANT_PATTERN = f"^{_DAY}{_TIME}$"
DATE_PATTERN = f"^{_DAY}$"
MONTH_PATTERN = "^(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])$"


# Offsets of whole quarters of an hour, as they are in use; any other takes the long way.
_AHEAD = {
    f"{sign}{hour:02}:{minute:02}": timedelta(hours=hour, minutes=minute) * (-1 if sign == "-" else 1)
    for sign in "+-"
    for hour in range(24)
    for minute in range(0, 60, 15)
}
_TO_SECONDS, _TO_TENTHS, _TO_MICROSECONDS = 25, 27, 32  # characters, the offset with them


def read_instant(text: str) -> datetime | None:
    """Read an RFC 3339 instant; its tzinfo is ``datetime.UTC`` itself."""
    ahead, length = _AHEAD.get(text[-6:]), len(text)
    if (
        ahead is None
        or text[4:17:3] != "--T::"
        or not (length == _TO_SECONDS or (_TO_TENTHS <= length <= _TO_MICROSECONDS and text[19] == "."))
    ):
        return _read_any(text)
    try:  # with every mark in its place Python reads digits alone between them, and an offset of nothing as UTC itself
        return datetime.fromisoformat(text[:-6] + "+00:00") - ahead
    except (ValueError, OverflowError):
        return None


def _read_any(text: str) -> datetime | None:
    if _INSTANT(text) is None:
        return None
    try:
        at = datetime.fromisoformat(text.upper())  # Python wants its Z in capitals
        return at if at.tzinfo is UTC else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_date(text: str) -> date | None:
    """Read ``YYYY-MM-DD``."""
    if _DATE(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_month(text: str) -> int | None:
    """Read ``YYYY-MM``, from 0001-01 on, as the integer of `core.months`."""
    try:
        month = month_number(text)
    except ValueError:
        return None
    return month if month >= 12 else None  # noqa: PLR2004 - a year has twelve months; there is no year 0


def write_instant(at: datetime) -> str:
    """Write an instant in UTC with Z, microseconds only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
