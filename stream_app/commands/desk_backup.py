"""`stream-app desk backup`, `restore` and `catch-up`: the desk's database kept, put back, and brought up to now."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine

from stream_app.commands.common import OUT_FILE, Failure, default_policy, load_policies
from stream_app.commands.desk_common import database_option, told
from stream_app.console.catching_up import catch_up as read_on
from stream_app.console.readmodel.follow import TopicMadeAnew
from stream_app.console.run import DeskFailed, Given
from stream_app.console.settings import load_desk_settings
from stream_app.console.store import backup as copies
from stream_app.console.store import migrate as migrations
from stream_app.console.store.database import database_url as read_url
from stream_app.console.store.database import open_engine, shown
from stream_app.console.store.sole import DeskAtWork, sole
from stream_app.settings import load_settings
from stream_app.worker.topics import partition_count

bootstrap_option = click.option("--bootstrap", metavar="HOST:PORT", help="Kafka brokers [STREAM_APP_BOOTSTRAP].")
REDO = "the database is put back, and what came since is not read: run `stream-app desk catch-up` before `desk serve`"


@click.command()
@click.argument("file", type=OUT_FILE)
@database_option
@told
def backup(file: Path, database_url: str | None) -> None:
    """Write the desk's SQLite database into FILE, whole and of one moment; the desk goes on meanwhile.

    FILE holds password hashes and notes: it is made readable for its owner alone. PostgreSQL: pg_dump.

    \b
    Example:
      stream-app desk backup /var/backups/desk-$(date +%F).db
    """
    url = read_url(load_desk_settings(database_url=database_url).database_url)
    size = copies.back_up(copies.file_of(url), file)
    copies.check_backup(file)
    click.echo(f"{file}: {size:,} bytes, whole")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@bootstrap_option
@database_option
@told
def restore(file: Path, bootstrap: str | None, database_url: str | None) -> None:
    """Put the desk's SQLite database back from FILE, a backup, and catch up with the topics; stop the desk first.

    A database that stands there is not written over: move it away. Then all is done that `catch-up` does.

    \b
    Example:
      stream-app desk restore /var/backups/desk-2026-11-26.db --bootstrap 127.0.0.1:9092
    """
    given = _given(bootstrap, database_url)
    database = copies.file_of(read_url(given.settings.database_url))
    copies.check_backup(file)
    copies.refuse_to_lose(database)
    asyncio.run(partition_count(given.shared.bootstrap, given.names))  # else it would be put back and not catch up
    engine = open_engine(given.settings.database_url)
    try:
        with sole(engine):
            engine.dispose()
            copies.put_back(file, database)
            migrations.migrate(engine)
            click.echo(f"put back: {shown(engine.url)}")
            with _redone_by_hand():
                _catch_up(given, engine)
    except DeskAtWork as refusal:
        raise Failure(str(refusal)) from None
    finally:
        engine.dispose()


@contextmanager
def _redone_by_hand() -> Iterator[None]:
    """Say what is still to be done where catching up ends early, however it does."""
    try:
        yield
    except BaseException:
        click.echo(REDO, err=True)
        raise


@click.command("catch-up")
@bootstrap_option
@database_option
@told
def catch_up(bootstrap: str | None, database_url: str | None) -> None:
    """Bring a database that was put back up to now, and tell nobody; stop the desk first.

    What came on the topics since the backup opens and closes cases; results of calls that were published are taken in
    again. No message is made of it, those that waited in the backup go to the dead box, and everybody logs in anew.

    \b
    Example:
      pg_restore --clean --if-exists -d desk desk.dump && stream-app desk catch-up
    """
    given = _given(bootstrap, database_url)
    engine = open_engine(given.settings.database_url)
    try:
        migrations.check(engine)
        with sole(engine):
            _catch_up(given, engine)
    except DeskAtWork as refusal:
        raise Failure(str(refusal)) from None
    finally:
        engine.dispose()


def _given(bootstrap: str | None, database_url: str | None) -> Given:
    shared = load_settings(bootstrap=bootstrap)
    files = load_policies(shared.policies) if shared.policies else []
    settings = load_desk_settings(database_url=database_url)
    return Given(settings, shared, files, load_policies([default_policy()])[0])


def _catch_up(given: Given, engine: Engine) -> None:
    try:
        found = asyncio.run(read_on(given, engine))
    except (DeskFailed, TopicMadeAnew) as refusal:
        raise Failure(str(refusal)) from None
    click.echo(f"read: {found.records:,} records, {found.cases:,} cases opened")
    click.echo(f"results taken in again: {found.results:,}")
    click.echo(f"messages kept back, in the dead box: {found.kept_back:,}")
    click.echo("nobody was told; everybody logs in anew. Now: stream-app desk serve")
