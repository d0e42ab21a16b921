"""Lists kept as JSON, taken apart by the database: the one place where SQLite and PostgreSQL differ."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, TableValuedAlias, Text, cast, func
from sqlalchemy.orm import InstrumentedAttribute


class Objects:
    """The objects of a JSON list: join `rows` on true, and ask for their fields."""

    def __init__(self, connection: Connection, column: InstrumentedAttribute[Any]) -> None:
        self._sqlite = connection.dialect.name == "sqlite"
        expand = func.json_each(column) if self._sqlite else func.jsonb_array_elements(column)
        self.rows: TableValuedAlias = expand.table_valued("value").alias("line")

    def text(self, field: str) -> ColumnElement[str | None]:
        """Give a field as text."""
        if self._sqlite:
            return func.json_extract(self.rows.c.value, f"$.{field}")
        return cast(func.jsonb_extract_path_text(self.rows.c.value, field), Text)

    def number(self, field: str) -> ColumnElement[int]:
        """Give a field as a whole number."""
        return cast(self.text(field), BigInteger)


def texts(connection: Connection, column: InstrumentedAttribute[Any]) -> TableValuedAlias:
    """Take a JSON list of texts apart: join it on true, `value` is the text."""
    sqlite = connection.dialect.name == "sqlite"
    expand = func.json_each(column) if sqlite else func.jsonb_array_elements_text(column)
    return expand.table_valued("value").alias("element")
