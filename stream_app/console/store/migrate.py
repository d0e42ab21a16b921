"""Making the tables, and bringing older ones up to date."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from stream_app.console.store.database import DatabaseError

FOLDER = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Bring a database up to date; one that is stays as it is."""
    with engine.begin() as connection:
        settings = _settings()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def check(engine: Engine) -> None:
    """Make sure that a database is up to date; raises DatabaseError, saying what to do."""
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of itself before each look
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    wanted = ScriptDirectory.from_config(_settings()).get_current_head()
    if found != wanted:
        state = "has no tables yet" if found is None else f"is at version {found}, not {wanted}"
        message = f"the desk's database {state}: run `stream-app desk migrate`"
        raise DatabaseError(message)


def draft(engine: Engine, number: str, message: str) -> None:
    """Write the next migration from what the classes have and an up-to-date database lacks; to be read, and mended."""
    with engine.begin() as connection:
        settings = _settings()
        settings.attributes["connection"] = connection
        command.revision(settings, message, autogenerate=True, rev_id=number)


def _settings() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    return settings
