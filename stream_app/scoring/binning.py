"""Columns cut into bins: numbers and dates by quantiles, words by name; gaps and rare words have bins of their own."""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from stream_app.scoring.table import is_gap
from stream_app.scoring.values import READERS, Kind, short_between

MOST_BINS = 48
LEAST_ROWS = 12  # a bin below this says little
MOST_WORDS = 60
Value = float | str | None


class Column(NamedTuple):
    """A column as values: floats for numbers and dates, texts for words, None for gaps."""

    name: str
    kind: Kind
    values: Sequence[Value]


class Cut(NamedTuple):
    """Where a column is cut: bounds of ordered bins, or words; then come the bins of gaps and of other words."""

    bounds: tuple[float, ...] = ()
    words: tuple[str, ...] = ()
    ordered: bool = True

    @property
    def named(self) -> int:
        """Count the bins before those of gaps and other words."""
        return len(self.bounds) + 1 if self.ordered else len(self.words)

    @property
    def size(self) -> int:
        """Count all bins."""
        return self.named + 2

    def codes(self, values: Sequence[Value]) -> "array[int]":
        """Number the bin of each value."""
        if self.ordered:
            known = {value: bisect_right(self.bounds, value) for value in set(values) if isinstance(value, float)}
            return array("H", [known.get(value, self.named) for value in values])  # type: ignore[arg-type]
        place: dict[Value, int] = {word: code for code, word in enumerate(self.words)}
        place[None] = self.named
        return array("H", [place.get(value, self.named + 1) for value in values])


def read_column(name: str, kind: Kind, texts: Sequence[str]) -> Column:
    """Read a column's texts as its kind; what does not read is a gap."""
    if kind is Kind.WORD:
        return Column(name, kind, [None if is_gap(text) else text.strip() for text in texts])
    read = READERS[kind]
    known: dict[str, float | None] = {text: None if is_gap(text) else read(text) for text in set(texts)}
    return Column(name, kind, [known[text] for text in texts])


def cut(column: Column, rows: Sequence[int]) -> Cut:
    """Cut a column by what it holds in these rows."""
    counts = Counter(column.values[row] for row in rows)
    del counts[None]
    least = max(LEAST_ROWS, len(rows) // 400)
    if column.kind is Kind.WORD:
        often = sorted(((-count, str(word)) for word, count in counts.items() if count >= least))
        return Cut(words=tuple(word for _, word in often[:MOST_WORDS]), ordered=False)
    return Cut(
        bounds=tuple(
            _bounds(sorted((float(value), count) for value, count in counts.items() if value is not None), least)
        )
    )


def _bounds(counts: Sequence[tuple[float, int]], least: int) -> list[float]:
    """Close a bin when it is full, and before a value that fills one alone."""
    full = max(least, sum(count for _, count in counts) / MOST_BINS)
    found: list[float] = []
    held = 0
    for (value, count), (following, next_count) in pairwise(counts):
        held += count
        if held >= full or (held >= least and next_count >= full):
            found.append(short_between(value, following))
            held = 0
    if found and counts and held + counts[-1][1] < least:
        found.pop()
    return found
