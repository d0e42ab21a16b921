"""Reading a labelled table for a fit: rows (a sample of very many), the label, and the columns worth using."""

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from stream_app.scoring.binning import Column, read_column
from stream_app.scoring.choosing import STRIKING, alone, reasons_against
from stream_app.scoring.fitting import Sample
from stream_app.scoring.kernel import FAST
from stream_app.scoring.labels import Outcomes, Target
from stream_app.scoring.table import Row, Table, TableError, is_gap, opened
from stream_app.scoring.values import kind_of

MOST_ROWS = 100_000 if FAST else 4_000
LEAST_OF_A_KIND = 10
MOSTLY_UNLIKE = 0.7


class Learnt(NamedTuple):
    """What a fit starts from, and what a person is told about it."""

    sample: Sample
    left_out: Mapping[str, str]
    notes: Sequence[str]


def learn(
    path: Path, target: Target, ids: Sequence[str], seed: int, most: int = MOST_ROWS, only: Container[str] | None = None
) -> Learnt:
    """Read a table, of its columns only some if told; raises TableError when nothing can be learnt from it."""
    with opened(path) as table:
        outcomes = Outcomes(table, target)
        unused = {outcomes.at, outcomes.weight_at, *(table.place(name) for name in ids)}
        numbered, read, unlabelled = _rows(table, outcomes, Random(seed), most)
    rows = [row for _, row in numbered]
    labels = [outcomes.label(*each) is True for each in numbered]
    weights = [outcomes.weight(*each) for each in numbered]
    _check(labels, table.name, target)
    left_out = dict.fromkeys(ids, "named as an id")
    columns: list[Column] = []
    notes = _counted(len(rows), read, unlabelled)
    for place, name in enumerate(table.header):
        if place in unused:
            continue
        if only is not None and name not in only:
            left_out[name] = "no indicator of a policy"
            continue
        column = _column(name, [row[place] for row in rows])
        against = next(reasons_against(column, labels), None)
        if against:
            left_out[name] = against
        else:
            columns.append(column)
    if not columns:
        message = f"{table.name}: no column to learn from: {_listed(left_out)}"
        raise TableError(message)
    striking = {column.name: alone(column, labels) for column in columns}
    notes += [
        f"{name} alone has an AUC of {value:.3f}: make sure that it was known before the customer left"
        for name, value in striking.items()
        if value >= STRIKING
    ]
    return Learnt(Sample(columns, labels, _twins(columns), weights), left_out, notes)


def _rows(table: Table, outcomes: Outcomes, dice: Random, most: int) -> tuple[list[tuple[int, Row]], int, int]:
    """Keep the labelled rows, of very many a sample in the table's order; also count what was read and has no label."""
    kept: list[tuple[int, Row]] = []
    read = unlabelled = 0
    for number, row in enumerate(table.rows, start=1):
        if outcomes.label(number, row) is None:
            unlabelled += 1
            continue
        read += 1
        if len(kept) < most:
            kept.append((number, row))
        elif (place := dice.randrange(read)) < most:
            kept[place] = (number, row)
    return sorted(kept), read, unlabelled


def _check(labels: Sequence[bool], name: str, target: Target) -> None:
    churned = sum(labels)
    if min(churned, len(labels) - churned) < LEAST_OF_A_KIND:
        message = (
            f"{name}: {target.label} says yes {churned} times and no {len(labels) - churned} times: "
            f"{LEAST_OF_A_KIND} of each are the least to learn from"
        )
        raise TableError(message)


def _column(name: str, texts: Sequence[str]) -> Column:
    return read_column(name, kind_of([text for text in texts if not is_gap(text)]), texts)


def _twins(columns: Sequence[Column]) -> list[int]:
    """Number each row's group of equal rows; where equal rows are usual (few columns, words), they are no copies."""
    seen: dict[tuple[object, ...], int] = {}
    found = [seen.setdefault(row, len(seen)) for row in zip(*(each.values for each in columns), strict=True)]
    return found if len(seen) > MOSTLY_UNLIKE * len(found) else list(range(len(found)))


def _counted(kept: int, read: int, unlabelled: int) -> list[str]:
    sampled = [f"a sample of {kept:,} of {read:,} rows was used"] if kept < read else []
    return sampled + ([f"{unlabelled:,} rows without a label were passed over"] if unlabelled else [])


def _listed(left_out: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
