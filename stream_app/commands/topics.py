"""`stream-app topics`: make the topics, check them, and say who may do what on them."""

import asyncio

import click
import yaml
from click.core import ParameterSource

from stream_app.commands.common import Failure, WrongUse, app_id_option, bootstrap_option, prefix_option, worded
from stream_app.security.acls import PARTS, grants, kafka_acls, strimzi
from stream_app.worker import topics as the_topics
from stream_app.worker.topics import Names


@click.group()
def topics() -> None:
    """Make and check the topics that a worker needs."""


@topics.command()
@bootstrap_option
@prefix_option
@app_id_option
@click.option(
    "--partitions",
    type=click.IntRange(1, 1000),
    default=4,
    show_default=True,
    help="Partitions of every topic: the most workers that can share the load. "
    "It cannot be changed later without a replay.",
)
@click.option(
    "--replication",
    type=click.IntRange(1, 9),
    default=1,
    show_default=True,
    help="Copies of every topic; 3 on a cluster.",
)
@worded
def create(bootstrap: str, topic_prefix: str, app_id: str, partitions: int, replication: int) -> None:
    """Make the topics that are missing; those that exist are left as they are, and all are checked.

    \b
    Example:
      stream-app topics create --bootstrap 127.0.0.1:9092 --partitions 12 --replication 3
    """
    names = Names(topic_prefix, app_id)
    made = asyncio.run(the_topics.create(bootstrap, names, partitions, replication))
    click.echo(f"made: {', '.join(made)}" if made else "nothing to make: all topics exist")
    count = _check(bootstrap, names)
    asked = click.get_current_context().get_parameter_source("partitions") is not ParameterSource.DEFAULT
    if asked and count != partitions:
        message = f"they were made with {count} partitions before, not {partitions}: that is fixed, but for a replay"
        raise Failure(message)


@topics.command()
@bootstrap_option
@prefix_option
@app_id_option
@worded
def check(bootstrap: str, topic_prefix: str, app_id: str) -> None:
    """Check that all topics exist, with one partition count, and that the changelog is compacted.

    \b
    Example:
      stream-app topics check --bootstrap 127.0.0.1:9092
    """
    _check(bootstrap, Names(topic_prefix, app_id))


def _check(bootstrap: str, names: Names) -> int:
    count = asyncio.run(the_topics.partition_count(bootstrap, names))
    click.echo(f"{len(names.all)} topics are as they should be, with {count} partitions each")
    return count


@topics.command()
@click.argument("part", type=click.Choice(list(PARTS)))
@click.option("--principal", required=True, metavar="User:NAME", help="Who it is to Kafka: with TLS User:CN=NAME.")
@click.option(
    "--format", "form", type=click.Choice(["kafka-acls", "strimzi"]), default="kafka-acls", show_default=True,
    help="Commands of Kafka's own tool, or the spec.authorization.acls of a Strimzi KafkaUser.",
)  # fmt: skip
@click.option("--group", default="", metavar="PREFIX", help="Of a reader: how the names of its groups begin.")
@bootstrap_option
@prefix_option
@app_id_option
@worded
def acls(part: str, principal: str, form: str, group: str, bootstrap: str, topic_prefix: str, app_id: str) -> None:
    """Print what a part may do on Kafka, and no more: for the worker, the desk and those around them.

    `letters` is what the desk needs besides, where its operations page is to send dead letters back.

    \b
    Examples:
      stream-app topics acls worker --principal User:stream-app-worker
      stream-app topics acls reader --principal User:crm --group crm- --format strimzi
    """
    if (part == "reader") != bool(group):
        message = "--group says how the names of a reader's groups begin: give it for a reader, and for no other part"
        raise WrongUse(message)
    found = grants(part, Names(topic_prefix, app_id), group)
    lines = (
        yaml.safe_dump(strimzi(found), sort_keys=False)
        if form == "strimzi"
        else "\n".join(kafka_acls(found, principal, bootstrap))
    )
    click.echo(lines.rstrip())
