"""Alembic's way in: it is given a connection, and knows the tables."""

from alembic import context

from stream_app.console.store import access_tables, read_tables, work_tables  # noqa: F401 - they name the tables
from stream_app.console.store.base import Table

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
