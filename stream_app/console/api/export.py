"""Export to CSV: streamed from one moment of the database, in constant memory, safe to open in a spreadsheet.

UTF-8 with a byte order mark, by which Excel reads Chinese; lines end as RFC 4180 has it. Instants are RFC 3339 in UTC,
money is integer fen, lists and objects are JSON.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from sqlalchemy import Engine, Select, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from stream_app.console.access import audit
from stream_app.console.access.viewer import NotAllowedError, NotFoundError, Viewer
from stream_app.console.api.caller import DeskHere, by_token_or_login
from stream_app.console.api.fields import IdInPath
from stream_app.console.api.tables import EXPORTS, Export, exports_for
from stream_app.console.store.database import reading, writing

router = APIRouter(tags=["export"])
AT_ONCE = 500  # rows in memory
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BOM = "\ufeff"
AnyReader = Annotated[Viewer, Depends(by_token_or_login)]


class Tables(BaseModel):
    """The tables that you may export."""

    tables: list[str]


class CsvResponse(StreamingResponse):
    """A table as CSV."""

    media_type = "text/csv; charset=utf-8"


@router.get("/export", response_model=Tables)
def list_tables(viewer: AnyReader) -> Mapping[str, Any]:
    """List the tables that you may export."""
    return {"tables": exports_for(viewer.role)}


@router.get("/export/{table}.csv", response_class=CsvResponse, responses={200: {"content": {"text/csv": {}}}})
def export_table(viewer: AnyReader, desk: DeskHere, request: Request, table: IdInPath) -> StreamingResponse:
    """Export a table: the rows that you may see."""
    export = EXPORTS.get(table)
    if export is None:
        raise NotFoundError
    if viewer.role not in export.roles:
        raise NotAllowedError
    by = "token" if "authorization" in request.headers else "login"
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "exported", by=by, table=table)
    headers = {"Content-Disposition": f'attachment; filename="{table}.csv"', "X-Content-Type-Options": "nosniff"}
    return CsvResponse(_streamed(lambda: written(desk.engine, export, viewer)), headers=headers)


def written(engine: Engine, export: Export, viewer: Viewer) -> Iterator[bytes]:
    """Write the rows of a table that a viewer may see, some at a time."""
    statement = _statement(export, viewer)
    columns = [column.name for column in statement.selected_columns]
    change = [export.reworded.get(name) for name in columns]
    yield _lines([columns], BOM)
    with reading(engine) as connection:
        streaming = connection.execution_options(stream_results=True, yield_per=AT_ONCE)
        with streaming.execute(statement) as result:
            for rows in result.partitions():
                yield _lines([_cells(row, change, viewer) for row in rows])


def cell(value: object) -> str:
    """Write a value as a cell; text that a spreadsheet would reckon with begins with a quote."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return _written(value)


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def _statement(export: Export, viewer: Viewer) -> Select[Any]:
    columns = [column for column in export.table.__table__.c if column.name not in export.without]
    keys = list(export.table.__table__.primary_key)
    return select(*columns).where(export.rows(viewer)).order_by(*keys)


def _cells(row: Sequence[Any], change: Sequence[Callable[[Viewer, Any], Any] | None], viewer: Viewer) -> list[str]:
    return [cell(value if to is None else to(viewer, value)) for value, to in zip(row, change, strict=True)]


def _lines(rows: Sequence[Sequence[str]], before: str = "") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return (before + text.getvalue()).encode()


async def _streamed(make: Callable[[], Iterator[bytes]]) -> AsyncIterator[bytes]:
    parts = make()
    try:
        while (part := await run_in_threadpool(next, parts, None)) is not None:
            yield part
    finally:
        parts.close()  # type: ignore[attr-defined] # a generator: whoever goes away in the middle leaves no transaction open
