"""A sheet: a table of figures, with a chart of them where one helps; shown on a page, and given as CSV.

Rule: a chart never says what its table does not; the CSV holds what the table holds, exact: fen, not yuan, shares as
fractions, and columns by names that no language changes.
"""

import csv
import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from stream_app.console.web.words import NOTHING, yuan

Kind = Literal["text", "count", "yuan", "share", "points", "mean"]
Unit = Literal["count", "yuan", "percent"]
FEN_A_YUAN = 100


class Measured(NamedTuple):
    """A figure with its unit, where the rows of a column have units of their own; yuan are given in fen."""

    number: float
    unit: Unit


class Said(NamedTuple):
    """A word that the CSV has a code for."""

    word: str
    code: str


Cell = str | int | float | Fraction | Measured | Said | None


class Column(NamedTuple):
    """A column: its name in the CSV, its title, and what its cells are."""

    key: str
    title: str
    kind: Kind = "count"


class Series(NamedTuple):
    """A line or a row of bars; gaps are None."""

    name: str
    values: Sequence[float | None]


class Chart(NamedTuple):
    """What to draw; `said` is its text alternative."""

    kind: Literal["line", "bar", "stacked"]
    said: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: Unit = "count"

    def drawn(self) -> dict[str, object]:
        """Give it as the script takes it."""
        series = [{"name": each.name, "values": list(each.values)} for each in self.series]
        return {"kind": self.kind, "labels": list(self.labels), "series": series, "unit": self.unit}


class Sheet(NamedTuple):
    """A table of figures; `notes` say how to read it."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    chart: Chart | None = None
    notes: Sequence[str] = ()
    is_open: bool = False  # the table is shown beside the chart


def shown(cell: Cell, kind: Kind) -> str:
    """Write a cell for a page."""
    if cell is None or isinstance(cell, str | Said):
        return (cell.word if isinstance(cell, Said) else cell) or NOTHING
    if isinstance(cell, Measured):
        return _measured(cell)
    if kind == "yuan":
        return yuan(int(cell))
    if kind == "share":
        return f"{float(cell):.1%}"
    if kind == "points":
        return f"{100 * float(cell):+.1f}"
    return f"{float(cell):,.1f}" if kind == "mean" else f"{cell:,}"


def _measured(cell: Measured) -> str:
    if cell.unit == "yuan":
        return yuan(round(cell.number))
    number = f"{cell.number:,}" if isinstance(cell.number, int) else f"{cell.number:,.1f}"
    return f"{number}%" if cell.unit == "percent" else number


def csv_of(sheet: Sheet) -> str:
    """Write a sheet as CSV, with a mark that spreadsheets take for UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([f"{column.key}_fen" if column.kind == "yuan" else column.key for column in sheet.columns])
    writer.writerows([_raw(cell) for cell in row] for row in sheet.rows)
    return f"\ufeff{out.getvalue()}"


def _raw(cell: Cell) -> str | int:
    if isinstance(cell, Measured):
        return _raw(cell.number)
    if isinstance(cell, Said):
        return cell.code
    if isinstance(cell, str):
        # A spreadsheet would take it for a formula, and what stands there may be anybody's.
        return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
    if isinstance(cell, Fraction | float):
        return f"{float(cell):.6f}".rstrip("0").rstrip(".")
    return "" if cell is None else cell


def percent(part: float, whole: float) -> float | None:
    """Give a share in percent for a chart; None of nothing."""
    return round(100 * part / whole, 2) if whole else None


def share(part: int, whole: int) -> Fraction | None:
    """Give a share, exact; None of nothing."""
    return Fraction(part, whole) if whole else None


def in_yuan(fen: int) -> float:
    """Give fen in yuan for a chart."""
    return fen / FEN_A_YUAN
