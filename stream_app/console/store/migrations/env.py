"""Alembic's way in: it is given a connection, and knows the tables and what our column types are called."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, BigInteger

from stream_app.console.store import access_tables, read_tables, work_tables  # noqa: F401 - they name the tables
from stream_app.console.store.base import Table
from stream_app.console.store.types import Instant


def name_type(kind: str, found: Any, _context: object) -> str | Literal[False]:  # noqa: ANN401 - Alembic's protocol
    """Write our own types by their names; what they are on each database stands in `store.types` alone."""
    if kind != "type":
        return False
    if isinstance(found, Instant):
        return "Instant()"
    if isinstance(found, JSON):
        return "AnyJson"
    return "Serial" if isinstance(found, BigInteger) and found._variant_mapping else False  # noqa: SLF001 - no other way


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=name_type,
)
with context.begin_transaction():
    context.run_migrations()
