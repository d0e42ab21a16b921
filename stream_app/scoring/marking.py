"""Scoring a table row by row, as a stream, with notes on what the scorecard did not know."""

from collections.abc import Iterator
from typing import NamedTuple

from stream_app.scoring.scorecard import Scorecard, Scored
from stream_app.scoring.table import Row, Table, TableError, is_gap
from stream_app.scoring.values import Kind, day
from stream_app.scoring.values import number as read_number


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


class Lead(NamedTuple):
    """Where a table says how long before leaving its rows were: days, or the day of leaving and the day it was seen."""

    column: str
    seen_on: str | None = None  # a column, or a date


class Leads:
    """Reads leads row by row."""

    def __init__(self, lead: Lead, table: Table) -> None:
        self.at, self.name = table.place(lead.column), table.name
        self.seen_on = None if lead.seen_on is None else day(lead.seen_on)
        self.seen_at = None if lead.seen_on is None or self.seen_on is not None else table.place(lead.seen_on)

    def days(self, number: int, row: Row) -> float | None:
        """Give the days from the row to the leaving; None for a gap. Raises TableError."""
        text = row[self.at].strip()
        if is_gap(text):
            return None
        seen = self.seen_on if self.seen_at is None else day(row[self.seen_at])
        end = read_number(text) if seen is None else day(text)
        if end is None:
            wanted = "a number of days, or with --seen-on a date" if seen is None else "a date such as 2025-04-30"
            message = f"{self.name}: row {number}: lead {text[:40]!r}: write {wanted}"
            raise TableError(message)
        return end - (seen or 0.0)
