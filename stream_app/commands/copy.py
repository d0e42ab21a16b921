"""`stream-app copy`: the feeds and policies of another cluster, for a move to more partitions."""

import asyncio

import click

from stream_app.commands.common import (
    Failure,
    WrongUse,
    app_id_option,
    bootstrap_option,
    prefix_option,
    until_told,
    worded,
)
from stream_app.replay.copying import RecordsGone, Side
from stream_app.replay.copying import copy as copy_all
from stream_app.worker.topics import Names, partition_count

SAID_EVERY = 100_000


@click.command(short_help="Copy the feeds and policies of another cluster, by key.")
@click.option("--from", "source", required=True, metavar="HOST:PORT", help="Kafka brokers to copy from.")
@click.option(
    "--what-is-left", is_flag=True,
    help="Copy a feed whose oldest records are gone: states made of it alone will be wrong.",
)  # fmt: skip
@bootstrap_option
@prefix_option
@app_id_option
@worded
def copy(source: str, bootstrap: str, topic_prefix: str, app_id: str, *, what_is_left: bool) -> None:
    """Copy the feeds and policies of another cluster to this one, whose topics may have more partitions.

    It ends when all that was there at its start is copied; called again, it goes on from there. No ticks, facts or
    states are copied: the workers here make them anew. Both clusters are reached with the same STREAM_APP_KAFKA_*.
    It is refused where records of a feed were deleted before they were copied, by its retention for one.

    \b
    Example:
      stream-app copy --from old-broker:9092 --bootstrap new-broker:9092
    """
    if source == bootstrap:
        message = f"--from and --bootstrap are the same, {source}: name the other cluster"
        raise WrongUse(message)
    copying = _copy(source, bootstrap, Names(topic_prefix, app_id), what_is_left=what_is_left)
    try:
        copied = asyncio.run(until_told(copying))
    except RecordsGone as refusal:
        message = (
            f"{refusal}. States made of what is left would be wrong. Have its sender publish the archive again; "
            "then, or where it does not matter: --what-is-left"
        )
        raise Failure(message) from None
    for topic, count in copied.items():
        click.echo(f"{topic:<20} {count:>12,} records")


async def _copy(source: str, bootstrap: str, names: Names, *, what_is_left: bool) -> dict[str, int]:
    old = Side(source, names, await partition_count(source, names))
    new = Side(bootstrap, names, await partition_count(bootstrap, names))
    said = 0

    def hear(count: int) -> None:
        nonlocal said
        if count - said >= SAID_EVERY:
            said = count
            click.echo(f"{count:,} records")

    return await copy_all(old, new, hear, what_is_left=what_is_left)
