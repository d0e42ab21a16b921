"""Identities from a table or view `identities` of the operator's own database; each is read when it is asked for."""

from sqlalchemy import Engine, NullPool, column, create_engine, select, table
from sqlalchemy.exc import SQLAlchemyError

from stream_app.console.identity.source import Identity, IdentityError

IDENTITIES = table("identities", column("subscriber_id"), column("name"), column("number"))
TWO = 2


class SqlIdentities:
    """A database of identities. Raises IdentityError at once where it cannot be used.

    `url`: as SQLAlchemy reads it; a password belongs in PGPASSFILE, not in it.
    """

    def __init__(self, url: str) -> None:
        try:
            # hide_parameters: no id in an error; no pool: a look is rare, and a connection kept would outlive a restart
            self._engine: Engine = create_engine(url, hide_parameters=True, poolclass=NullPool)
        except (SQLAlchemyError, ImportError, ValueError, TypeError):
            message = "the identity source is no URL of a database: write postgresql+psycopg://user@host/name"
            raise IdentityError(message) from None
        self.look_up("-")

    def __repr__(self) -> str:
        return "SqlIdentities(hidden)"

    def look_up(self, subscriber_id: str) -> Identity | None:
        """Find who a subscriber is, as the database says now. Raises IdentityError."""
        statement = select(IDENTITIES.c.name, IDENTITIES.c.number).where(IDENTITIES.c.subscriber_id == subscriber_id)
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(statement.distinct().limit(TWO)).all()
        except SQLAlchemyError as error:
            message = (
                f"the identity source cannot be asked ({type(error).__name__}): is there a table or view identities?"
            )
            raise IdentityError(message) from None
        if len(rows) == TWO:
            message = "the identity source knows two identities of one subscriber: make subscriber_id unique there"
            raise IdentityError(message)
        return Identity(_text(rows[0].name), _text(rows[0].number)) if rows else None


def _text(value: object) -> str:
    return "" if value is None else str(value)
