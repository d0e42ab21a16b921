"""`stream-app feed`: publish a simulated population's events to a broker that is there, live."""

import asyncio
from contextlib import suppress

import click
from aiokafka.errors import KafkaError

from stream_app.commands.common import Failure, bootstrap_option, prefix_option, until_told, worded
from stream_app.demo.feed import publish
from stream_app.sim import Population
from stream_app.worker.topics import Names


@click.command(short_help="Publish a simulated population's events, live.")
@bootstrap_option
@prefix_option
@click.option(
    "--subscribers", type=click.IntRange(1, 1_000_000), default=300, show_default=True, help="How many are simulated."
)
@click.option(
    "--history-days", type=click.IntRange(0, 400), default=35, show_default=True, help="Days of history sent first."
)
@click.option(
    "--usage-per-day",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="Usage records of a subscriber a day, on average.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same people.")
@worded
def feed(
    bootstrap: str,
    topic_prefix: str,
    subscribers: int,
    history_days: int,
    usage_per_day: float,
    seed: int,
) -> None:
    """Publish as a billing system would, until Ctrl-C: the history at once, then each event when it is due.

    It makes no ticks; the workers do. For a population in fast motion there is `stream-app demo`.

    \b
    Example:
      stream-app feed --bootstrap 127.0.0.1:9092 --subscribers 300
    """
    names = Names(topic_prefix, "")
    population = Population(seed, subscribers, usage_per_day=usage_per_day)

    async def run() -> None:
        with suppress(asyncio.CancelledError):  # Ctrl-C is how it ends
            await publish(bootstrap, names, population, history_days, click.echo)

    try:
        asyncio.run(until_told(run()))
    except KafkaError as refusal:
        message = f"an event could not be published: {refusal}"
        raise Failure(message) from None
