"""Pages of a list: a cursor names the last row given, so that rows that come in between move nothing."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple, NoReturn

from fastapi import Query
from sqlalchemy import ColumnElement, Connection, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from stream_app.console.api.problems import ProblemError
from stream_app.console.store.types import Instant
from stream_app.wire.instants import read_instant, write_instant

MOST = 200
Limit = Annotated[int, Query(ge=1, le=MOST, description="rows of a page")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next` of the page before")]


class Order(NamedTuple):
    """What a list is ordered by, the latest first: a column, and one that is unique."""

    first: InstrumentedAttribute[Any]
    unique: InstrumentedAttribute[Any]


def page(
    connection: Connection, statement: Select[Any], order: Order, cursor: str | None, limit: int
) -> Mapping[str, Any]:
    """Read a page; gives its rows and the next cursor. Raises ProblemError for a cursor that is none."""
    if cursor is not None:
        statement = statement.where(_after(order, *_read(cursor)))
    statement = statement.order_by(order.first.desc(), order.unique.desc()).limit(limit + 1)
    rows = [dict(row) for row in connection.execute(statement).mappings()]
    return {"items": rows[:limit], "next": _write(order, rows[limit - 1]) if len(rows) > limit else None}


def _after(order: Order, first: str | int, unique: str | int) -> ColumnElement[bool]:
    if not isinstance(unique, order.unique.type.python_type):
        _refuse()
    value: Any = first
    if isinstance(order.first.type, Instant):
        value = read_instant(str(first)) or _refuse()
    elif not isinstance(first, order.first.type.python_type):
        _refuse()
    return or_(order.first < value, and_(order.first == value, order.unique < unique))


def _write(order: Order, row: Mapping[str, Any]) -> str:
    first, unique = row[order.first.key], row[order.unique.key]
    text = json.dumps([write_instant(first) if isinstance(first, datetime) else first, unique])
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read(cursor: str) -> Sequence[str | int]:
    try:
        found = json.loads(base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        _refuse()
    if not (isinstance(found, list) and len(found) == 2 and all(_is_plain(each) for each in found)):  # noqa: PLR2004 - a pair
        _refuse()
    return found


def _is_plain(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return (isinstance(value, str) and value.isprintable()) or (isinstance(value, int) and abs(value) < 2**62)


def _refuse() -> NoReturn:
    raise ProblemError(400, "the cursor is none of ours: take `next` of the page before, or leave it out")
