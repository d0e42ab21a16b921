"""A scorecard: points by bin for each column, a base, and how often a score was followed by leaving. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stream_app.scoring.table import is_gap
from stream_app.scoring.values import DATES, READERS, Kind, day_text

REASONS = 3


class Bin(NamedTuple):
    """Points of the values in [start, end), or of some words; None: no bound."""

    points: int
    start: float | None = None
    end: float | None = None
    words: tuple[str, ...] = ()


class Evidence(NamedTuple):
    """What a bin's points rest on: rows of the table it was fitted to, and those of them that left."""

    rows: float = 0
    churned: float = 0
    weight: float = 0.0  # of evidence: ln of (share of all leavers / share of all stayers)


class Weighed(NamedTuple):
    """A column's points: by bin, for a gap (`missing`), and for what was never seen (`others`)."""

    name: str
    kind: Kind
    bins: tuple[Bin, ...]
    missing: int = 0
    others: int = 0
    evidence: tuple[Evidence, ...] = ()  # of the bins, then of gaps, then of the other words

    def bin_of(self, text: str) -> Bin | None:
        """Find the bin of a text; None for a gap, for what does not read as the kind, and for words never seen."""
        if is_gap(text):
            return None
        if self.kind is Kind.WORD:
            word = text.strip()
            return next((each for each in self.bins if word in each.words), None)
        value = READERS[self.kind](text)
        return None if value is None else self._bin_at(value)

    def points(self, text: str, found: Bin | None) -> int:
        """Give the points of a text that lies in the bin found."""
        if found is not None:
            return found.points
        return self.others if self.kind is Kind.WORD and not is_gap(text) else self.missing

    def _bin_at(self, value: float) -> Bin | None:
        for each in self.bins:
            if (each.start is None or each.start <= value) and (each.end is None or value < each.end):
                return each
        return None

    def words(self, text: str, found: Bin | None) -> str:
        """Word the bin that a text lies in, such as `Calls below 5`."""
        if found is None:
            return f"{self.name} not known" if is_gap(text) or self.kind is not Kind.WORD else f"{self.name} other"
        if self.kind is Kind.WORD:
            return f"{self.name} {text.strip()}"
        return f"{self.name} {self._range(found)}"

    def _range(self, found: Bin) -> str:
        start, end = (None if bound is None else self.bound_text(bound) for bound in (found.start, found.end))
        if start is None:
            return f"below {end}" if end else "any"
        return f"{start} to below {end}" if end else f"{start} or more"

    def bound_text(self, bound: float) -> str:
        """Write a bound of this column."""
        return day_text(bound) if self.kind in DATES else shown(bound)


class Share(NamedTuple):
    """From this score on (up to the next line's), so many per mille left."""

    score: int
    churn_per_mille: int


class Levels(NamedTuple):
    """From which score on a customer is at which level of the warning."""

    watch_from: int
    high_from: int
    critical_from: int


class Scored(NamedTuple):
    """A row's score, its probability, and the leading reasons in words."""

    score: int
    churn_per_mille: int
    reasons: tuple[str, ...]


class Scorecard(NamedTuple):
    """Columns and their points; a score is base plus the points of every column."""

    base_points: int
    indicators: tuple[Weighed, ...]
    calibration: tuple[Share, ...] = ()
    about: Mapping[str, int | float | str] = {}
    left_out: Mapping[str, str] = {}
    levels: Levels | None = None

    def score(self, texts: Sequence[str], strange: list[int] | None = None) -> Scored:
        """Score a row: one text a column, in the order of `indicators`; the empty text where there is no column.

        `strange` counts, column by column, texts that are no gap and lie in no bin.
        """
        score = self.base_points
        ranked: list[tuple[int, int, Bin | None]] = []
        for place, (each, text) in enumerate(zip(self.indicators, texts, strict=True)):
            found = each.bin_of(text)
            points = each.points(text, found)
            score += points
            if points > 0:
                ranked.append((-points, place, found))
            if found is None and strange is not None and not is_gap(text):
                strange[place] += 1
        leading = sorted(ranked, key=lambda each: each[:2])[:REASONS]
        reasons = (f"{self.indicators[at].words(texts[at], found)} +{-points}" for points, at, found in leading)
        return Scored(score, self.churn_per_mille(score), tuple(reasons))

    def churn_per_mille(self, score: int) -> int:
        """Say how many of a thousand with this score left in the table that was fitted."""
        place = bisect_right(self.calibration, score, key=lambda share: share.score) - 1
        return self.calibration[max(0, place)].churn_per_mille if self.calibration else 0


def shown(value: float) -> str:
    """Write a number as short as it is."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 - floats keep 15 digits
