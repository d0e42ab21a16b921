"""What a text in a table means: a number, a date, a word. Numbers and dates are floats; dates count days."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum

GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
DATED = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ][0-9:.+Zz-]*)?")
READABLE = 0.95  # so much of a column must read as its kind; the rest counts as gaps
DAY_SECONDS = 86_400


class Kind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    DATE = "date"
    WORD = "word"


def number(text: str) -> float | None:
    """Read a number; 1,234.5 and 12 % are some. None for what is none."""
    text = text.strip().removesuffix("%").rstrip()
    if GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def day(text: str) -> float | None:
    """Read a date, year first or last (then the day comes first if it can); in days, None for what is none."""
    text = text.strip()
    if not DATED.fullmatch(text):
        return None
    parts = [int(part) for part in re.split(r"[-/.T ]", text)[:3]]
    year, month, day_of_month = parts if parts[0] > 31 else parts[::-1]  # noqa: PLR2004 - no day is above 31
    if month > 12:  # noqa: PLR2004 - the American order
        month, day_of_month = day_of_month, month
    try:
        return float(date(year, month, day_of_month).toordinal())
    except ValueError:
        return None


def day_text(value: float) -> str:
    """Write days as a date."""
    return datetime.fromtimestamp((value - date(1970, 1, 1).toordinal()) * DAY_SECONDS, UTC).date().isoformat()


READERS: dict[Kind, Callable[[str], float | None]] = {Kind.NUMBER: number, Kind.DATE: day}


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
