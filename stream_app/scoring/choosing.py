"""Which columns a fit uses: not ids, not what never changes, not what tells the label itself; each with its reason."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from stream_app.scoring.binning import Column, cut
from stream_app.scoring.measures import Reached, auc
from stream_app.scoring.values import DATES, Kind

TELLS = 0.998  # AUC of a column alone: such columns are the label in other words, or known only after it
STRIKING = 0.97
ID_NAME = re.compile(
    r"(?:^|[ _-])(?:id|ids|msisdn|imsi|imei|phone|uuid|guid|subscriber|index|unnamed.*|row|number)$", re.IGNORECASE
)
CAMEL_ID = re.compile(r"[a-z](?:ID|Id)$")
UNIQUE = 0.98
WORDY = 0.5  # of so many distinct words nothing is learnt
FEW = 12


def reasons_against(column: Column, labels: Sequence[bool]) -> Iterator[str]:
    """Say why a column cannot be used, if it cannot."""
    known = [value for value in column.values if value is not None]
    distinct = len(set(known))
    if not known:
        yield "holds nothing"
    elif distinct == 1 and len(known) == len(labels):
        yield "never changes"
    elif _is_id(column, known, distinct):
        yield "looks like an id: nearly every row has a value of its own"
    elif alone(column, labels) >= TELLS:
        yield "tells the label itself: known only after it, or the label in other words"
    elif column.kind is Kind.WORD and distinct > max(FEW, WORDY * len(known)):
        yield "nearly every row has a word of its own"


def alone(column: Column, labels: Sequence[bool]) -> float:
    """Give the AUC of a column taken alone, in the table itself."""
    cuts = cut(column, range(len(labels)))
    codes = cuts.codes(column.values)
    rows, churned = Counter(codes), Counter(code for code, label in zip(codes, labels, strict=True) if label)
    ranked = sorted(rows, key=lambda code: -churned[code] / rows[code])
    steps = list(accumulate((Reached(0, rows[code], churned[code]) for code in ranked), _both))
    return auc(steps)


def _both(one: Reached, other: Reached) -> Reached:
    return Reached(0, one.rows + other.rows, one.churned + other.churned)


def _is_id(column: Column, known: Sequence[float | str], distinct: int) -> bool:
    if len(known) <= FEW or distinct < UNIQUE * len(known):
        return False
    if column.kind is Kind.WORD or ID_NAME.search(column.name) or CAMEL_ID.search(column.name):
        return column.kind not in DATES
    numbers = [value for value in known if isinstance(value, float)]
    return column.kind is Kind.NUMBER and distinct == len(known) and _counted(numbers)


def _counted(numbers: Sequence[float]) -> bool:
    """Tell a running number or a number in a fixed form from a quantity: whole, and in order or of one length."""
    if not all(number.is_integer() for number in numbers):
        return False
    steps = {following - number for number, following in pairwise(numbers)}
    in_order = all(step > 0 for step in steps) or all(step < 0 for step in steps)
    lengths = {len(str(int(number))) for number in numbers}
    return in_order or (len(lengths) == 1 and min(lengths) > 6)  # noqa: PLR2004 - shorter ones may be amounts
