"""`stream-app desk`: the phone managers' desk, its database, its people."""

import asyncio
import logging
import sys
from collections import Counter

import click
from sqlalchemy import func, select

from stream_app.commands.common import Failure, WrongUse, default_policy, load_policies
from stream_app.commands.desk_backup import backup, catch_up, restore
from stream_app.commands.desk_common import database_option, opened, told
from stream_app.commands.desk_people import token, user
from stream_app.console.channels.declared import ChannelsError
from stream_app.console.identity.source import IdentityError
from stream_app.console.readmodel.behind import behind
from stream_app.console.readmodel.follow import Offsets, TopicMadeAnew, read_bounds
from stream_app.console.readmodel.rebuild import rebuild as empty_read_model
from stream_app.console.run import DeskFailed, Given, PortTaken, run_desk
from stream_app.console.settings import DeskSettings, load_desk_settings
from stream_app.console.store import migrate as migrations
from stream_app.console.store.database import reading, shown, writing
from stream_app.console.store.sole import DeskAtWork, sole
from stream_app.console.store.work_tables import Case, Delivery, OutboxRecord
from stream_app.settings import load_settings
from stream_app.worker.topics import Names, partition_count

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def _settings_epilog() -> str:
    lines = [
        f"STREAM_APP_DESK_{name.upper()}  {field.description}" for name, field in DeskSettings.model_fields.items()
    ]
    return "\b\nSettings, from the environment, beside those of a worker for Kafka and policies:\n" + "\n".join(
        f"  {line}" for line in lines
    )


@click.group()
def desk() -> None:
    """Run the phone managers' desk: pages, tasks, results."""


for each in (user, token, backup, restore, catch_up):
    desk.add_command(each)


@desk.command()
@database_option
@told
def migrate(database_url: str | None) -> None:
    """Make the tables, or bring older ones up to date; one that is up to date stays as it is.

    \b
    Example:
      STREAM_APP_DESK_DATABASE_URL=postgresql://desk@db/desk stream-app desk migrate
    """
    with opened(database_url) as engine:
        migrations.migrate(engine)
        click.echo(f"up to date: {shown(engine.url)}")


@desk.command(epilog=_settings_epilog())
@click.option("--bootstrap", metavar="HOST:PORT", help="Kafka brokers [STREAM_APP_BOOTSTRAP].")
@database_option
@click.option("--web-port", type=click.IntRange(1, 65535), help="Port of the pages [STREAM_APP_DESK_WEB_PORT].")
@told
def serve(bootstrap: str | None, database_url: str | None, web_port: int | None) -> None:
    """Run the desk until SIGTERM or Ctrl-C: pages, tasks, channels, all in one process.

    One desk serves a database; it follows the topics by itself, and needs no consumer group.

    \b
    Example:
      stream-app desk migrate && stream-app desk serve --bootstrap 127.0.0.1:9092
    """
    shared = load_settings(bootstrap=bootstrap)
    settings = load_desk_settings(database_url=database_url, web_port=web_port)
    files = load_policies(shared.policies) if shared.policies else []
    logging.basicConfig(level=shared.log_level, format=LOG_FORMAT, stream=sys.stderr)
    try:
        run_desk(Given(settings, shared, files, load_policies([default_policy()])[0]))
    except (ChannelsError, IdentityError) as refusal:
        raise WrongUse(str(refusal)) from None
    except (DeskAtWork, DeskFailed, PortTaken, TopicMadeAnew) as refusal:
        raise Failure(str(refusal)) from None


@desk.command()
@click.option("--bootstrap", metavar="HOST:PORT", help="Kafka brokers [STREAM_APP_BOOTSTRAP].")
@database_option
@click.option(
    "--all-is-known", is_flag=True, help="Nothing that is on the topics now is news: after a move to another cluster."
)
@told
def rebuild(bootstrap: str | None, database_url: str | None, all_is_known: bool) -> None:
    """Empty what was read from the topics, to be read again from their beginning; stop the desk first.

    Cases, results and messages stay as they are, nobody is told anything, and no case is opened by what is old. The
    topics of another cluster say what is old by other ids: there say --all-is-known, once its workers are through.

    \b
    Example:
      stream-app desk rebuild --bootstrap 127.0.0.1:9092
    """
    with opened(database_url) as engine:
        migrations.check(engine)
        try:
            with sole(engine):
                beginnings, ends = _bounds(bootstrap)
                with writing(engine) as connection:
                    kept = empty_read_model(connection, ends, beginnings, all_is_known=all_is_known)
        except DeskAtWork as refusal:
            raise Failure(str(refusal)) from None
    for topic in sorted(kept):
        click.echo(f"{topic} has lost its first records to its retention: what was read of it stays")
    click.echo("emptied: `stream-app desk serve` reads the topics again, `stream-app desk status` says how far it is")


@desk.command()
@click.option("--bootstrap", metavar="HOST:PORT", help="Kafka brokers [STREAM_APP_BOOTSTRAP].")
@database_option
@told
def status(bootstrap: str | None, database_url: str | None) -> None:
    """Say how far behind the topics the desk is, and what stands and waits in its database.

    \b
    Example:
      stream-app desk status --bootstrap 127.0.0.1:9092
    """
    with opened(database_url) as engine:
        migrations.check(engine)
        _, ends = _bounds(bootstrap)
        with reading(engine) as connection:
            records = Counter[str]()
            for lag in behind(connection, ends):
                records[lag.topic] += lag.records
            cases = connection.execute(select(Case.state, func.count()).group_by(Case.state)).all()
            deliveries = connection.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all()
            unsent = select(func.count()).select_from(OutboxRecord).where(OutboxRecord.sent_at.is_(None))
            waiting = connection.execute(unsent).scalar_one()
    for topic, count in sorted(records.items()):
        click.echo(f"{topic:<20} {'all is read' if not count else f'{count:,} to read'}")
    click.echo(f"{'cases':<20} {_listed(cases)}")
    click.echo(f"{'messages':<20} {_listed(deliveries)}")
    click.echo(f"{'to be published':<20} {waiting:,}")


def _listed(counts: object) -> str:
    return ", ".join(f"{state} {count:,}" for state, count in sorted(counts)) or "none"  # type: ignore[call-overload]


def _bounds(bootstrap: str | None) -> tuple[Offsets, Offsets]:
    shared = load_settings(bootstrap=bootstrap)
    names = Names(shared.topic_prefix, shared.app_id)

    async def ask() -> tuple[Offsets, Offsets]:
        return await read_bounds(shared.bootstrap, names, await partition_count(shared.bootstrap, names))

    return asyncio.run(ask())
