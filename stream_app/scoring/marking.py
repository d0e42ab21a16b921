"""Scoring a table row by row, as a stream, with notes on what the scorecard did not know."""

from collections.abc import Iterator
from typing import NamedTuple

from stream_app.scoring.scorecard import Scorecard, Scored
from stream_app.scoring.table import Row, Table, TableError, is_gap
from stream_app.scoring.values import Kind


class Marked(NamedTuple):
    """A row with its number (from 1) and what it scored."""

    number: int
    row: Row
    scored: Scored


class Marker:
    """Scores the rows of a table and remembers what was strange in it."""

    def __init__(self, card: Scorecard, table: Table) -> None:
        places = {name: place for place, name in enumerate(table.header)}
        self.card, self.table = card, table
        self.places = [places.get(each.name) for each in card.indicators]
        self.strange = [0] * len(card.indicators)
        if card.indicators and not any(place is not None for place in self.places):
            message = f"{table.name}: has none of the scorecard's columns: {', '.join(e.name for e in card.indicators)}"
            raise TableError(message)

    def marked(self) -> Iterator[Marked]:
        """Score each row, in order."""
        for number, row in enumerate(self.table.rows, start=1):
            texts = ["" if place is None else row[place] for place in self.places]
            yield Marked(number, row, self.card.score(texts, self.strange))

    def notes(self) -> list[str]:
        """Tell what was missing or never seen; complete once all rows are read."""
        pairs = list(zip(self.card.indicators, self.places, strict=True))
        absent = [f"no column {each.name!r}: taken as a gap in every row" for each, place in pairs if place is None]
        told = zip(self.card.indicators, self.strange, strict=True)
        return absent + [f"{each.name}: {_strange(each.kind, count)}" for each, count in told if count]


def _strange(kind: Kind, count: int) -> str:
    if kind is Kind.WORD:
        return f"{count:,} values that the scorecard does not name: they get the points of `others`"
    return f"{count:,} values are no {kind}: taken as gaps"


def lead_days(text: str) -> float | None:
    """Read a lead in days; None for a gap. Raises TableError."""
    if is_gap(text):
        return None
    try:
        return float(text)
    except ValueError:
        message = f"lead {text.strip()[:40]!r} is no number of days"
        raise TableError(message) from None
