"""Figures as they are stored: for all branches together, and for each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from stream_app.console.store.database import upsert, writing
from stream_app.console.store.work_tables import Figure

Value = dict[str, Any]
ALL, BRANCHES = "all", "branches"
NO_BRANCH = ""  # of customers that no branch is told of


def put(engine: Engine, name: str, values: Mapping[str, Value], at: datetime) -> None:
    """Store figures of a name by their keys, in the place of what stood there."""
    rows = [{"name": name, "key": key, "reckoned_at": at, "value": value} for key, value in values.items()]
    if rows:
        with writing(engine) as connection:
            upsert(connection, Figure, rows)


def get(connection: Connection, name: str, key: str) -> Value | None:
    """Give a figure; None where it has not been reckoned."""
    found: Value | None = connection.scalar(select(Figure.value).where(Figure.name == name, Figure.key == key))
    return found


def several(connection: Connection, name: str, wanted: Sequence[str]) -> dict[str, Value]:
    """Give those figures of a name that have been reckoned, by key."""
    found = connection.execute(select(Figure.key, Figure.value).where(Figure.name == name, Figure.key.in_(wanted)))
    return {row.key: row.value for row in found}


def keys(connection: Connection, name: str) -> list[str]:
    """Name the figures of a name that have been reckoned, in order: days and months in theirs."""
    return sorted(connection.scalars(select(Figure.key).where(Figure.name == name)))


def latest(connection: Connection, name: str, count: int) -> dict[str, Value]:
    """Give the figures of the last so many days or months, in order."""
    found = several(connection, name, keys(connection, name)[-count:])
    return {key: found[key] for key in sorted(found)}


def of_branch(value: Value | None, branch_id: str | None) -> Value:
    """Give the part of a branch, or of all with None; empty where there is nothing."""
    if value is None:
        return {}
    found: Value = value[ALL] if branch_id is None else value[BRANCHES].get(branch_id, {})
    return found


def by_branch(rows: Iterable[Any], empty: Callable[[], Value], add: Callable[[Value, Any], None]) -> Value:
    """Add up rows, each with a `branch_id`, for all branches together and for each."""
    whole = empty()
    branches: dict[str, Value] = {}
    for row in rows:
        add(whole, row)
        name = row.branch_id or NO_BRANCH
        if name not in branches:
            branches[name] = empty()
        add(branches[name], row)
    return {ALL: whole, BRANCHES: branches}


def count(into: dict[str, int], key: str | None, heads: int) -> None:
    """Add heads under a key; what has none goes under the empty one."""
    into[key or ""] = into.get(key or "", 0) + heads
