"""What a text in a table means: a number, a date, a word. Numbers and dates are floats; dates count days."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum

GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
COMMA_DECIMAL = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
DATED = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ][0-9:.+Zz-]*)?")
READABLE = 0.95  # so much of a column must read as its kind; the rest counts as gaps
DAY_SECONDS = 86_400


class Kind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    DATE = "date"
    MONTH_FIRST = "month_first_date"  # as 12/31/2024
    WORD = "word"


def number(text: str) -> float | None:
    """Read a number; 1,234.5 and 12 % and 12,5 are some. None for what is none."""
    text = text.strip().removesuffix("%").rstrip()
    if GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif COMMA_DECIMAL.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def day(text: str) -> float | None:
    """Read a date, year or day first; in days, None for what is none."""
    return _day(text, month_first=False)


def american_day(text: str) -> float | None:
    """Read a date, year or month first."""
    return _day(text, month_first=True)


def _day(text: str, *, month_first: bool) -> float | None:
    text = text.strip()
    if not DATED.fullmatch(text):
        return None
    parts = [int(part) for part in re.split(r"[-/.T 年月日]", text)[:3]]
    year, month, day_of_month = parts if parts[0] > 31 else parts[::-1]  # noqa: PLR2004 - no day is above 31
    if month_first and parts[0] <= 31:  # noqa: PLR2004
        month, day_of_month = day_of_month, month
    try:
        return float(date(year, month, day_of_month).toordinal())
    except ValueError:
        return None


def day_text(value: float) -> str:
    """Write days as a date."""
    return datetime.fromtimestamp((value - date(1970, 1, 1).toordinal()) * DAY_SECONDS, UTC).date().isoformat()


READERS: dict[Kind, Callable[[str], float | None]] = {
    Kind.NUMBER: number,
    Kind.DATE: day,
    Kind.MONTH_FIRST: american_day,
}
DATES = frozenset({Kind.DATE, Kind.MONTH_FIRST})


def kind_of(texts: Sequence[str]) -> Kind:
    """Tell what a column holds from its values, gaps left out."""
    for kind, read in READERS.items():
        few = texts[:: max(1, len(texts) // 200)]
        if sum(read(text) is not None for text in few) < READABLE * 0.9 * len(few):
            continue
        if texts and sum(read(text) is not None for text in texts) >= READABLE * len(texts):
            return kind
    return Kind.WORD


def short_between(low: float, high: float) -> float:
    """Give the shortest decimal in (low, high]: a bound that a person can say."""
    if low < 0 < high:
        return 0.0
    for digits in range(1, 17):
        for value in (high, (low + high) / 2):
            candidate = float(f"{value:.{digits}g}")
            if low < candidate <= high:
                return candidate
    return high
