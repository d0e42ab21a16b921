"""`stream-app why`: the decision about a subscriber, in words and figures."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from stream_app.commands.common import (
    Failure,
    WrongUse,
    app_id_option,
    load_policies,
    policy_option,
    prefix_option,
    worded,
)
from stream_app.commands.words import explain
from stream_app.core.policy import PolicySet
from stream_app.replay.answers import FACT_FILES, SUBSCRIBERS
from stream_app.replay.mirror import StateMirror, partition_of
from stream_app.replay.topics_reader import TopicReader
from stream_app.settings import DEFAULT_BOOTSTRAP, load_settings
from stream_app.wire.views import view_object
from stream_app.worker.published import published_policies, read_published
from stream_app.worker.topics import Names, partition_count

Facts = list[dict[str, Any]]
Found = tuple[dict[str, Any] | None, Facts, Facts]  # the answer, the changes of tier and those of risk
TOPICS = ("tier-changes", "churn-risk")


@click.command(short_help="Say why a subscriber has the tier and the risk it has.")
@click.argument("subscriber_id")
@click.option(
    "--from", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Answers of a replay."
)
@click.option(
    "--bootstrap",
    envvar="STREAM_APP_BOOTSTRAP",
    metavar="HOST:PORT",
    help=f"Kafka brokers of a running system (default {DEFAULT_BOOTSTRAP}).",
)
@policy_option("Policy files to read the state by, with --bootstrap; those that the workers know where none is given.")
@prefix_option
@app_id_option
@worded
def why(
    subscriber_id: str,
    folder: Path | None,
    bootstrap: str | None,
    policies: tuple[Path, ...],
    topic_prefix: str,
    app_id: str,
) -> None:
    """Say why a subscriber has the tier and the risk it has: a sentence, then the figures and the changes so far.

    \b
    Examples:
      stream-app why m1002 --from answers
      stream-app why 86138a7 --bootstrap 127.0.0.1:9092
    """
    if folder is not None:
        answer, changes, risks = _from_folder(folder, subscriber_id)
    else:
        answer, changes, risks = asyncio.run(
            _from_broker(bootstrap or DEFAULT_BOOTSTRAP, Names(topic_prefix, app_id), subscriber_id, policies)
        )
    if answer is None:
        message = f"no event of subscriber {subscriber_id!r} was accepted so far: check the id, and the dead letters"
        raise Failure(message)
    for line in explain(answer, changes, risks):
        click.echo(line)


def _from_folder(folder: Path, subscriber_id: str) -> Found:
    path = folder / SUBSCRIBERS
    if not path.is_file():
        message = f"{folder} holds no {SUBSCRIBERS}: give the --out folder of a replay"
        raise WrongUse(message)
    answer = next((row for row in _rows(path) if row["subscriber_id"] == subscriber_id), None)
    changes, risks = (
        [row for row in _rows(folder / FACT_FILES[topic]) if row["subscriber_id"] == subscriber_id] for topic in TOPICS
    )
    return answer, changes, risks


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        yield from map(json.loads, lines)


async def _versions(bootstrap: str, names: Names, files: Sequence[Path]) -> PolicySet:
    """Give the versions of the files given, else of the topic, else the default."""
    published = None if files else published_policies((await read_published(bootstrap, names.policies))[0])
    return published or PolicySet(load_policies(files))


async def _from_broker(bootstrap: str, names: Names, subscriber_id: str, policies: Sequence[Path]) -> Found:
    count = await partition_count(bootstrap, names)
    partition, key = partition_of(subscriber_id, count), subscriber_id.encode()
    mirror = StateMirror(count)
    async with TopicReader(bootstrap, [names.changelog], count, only=partition) as reader:
        async for record in reader.new_records():
            if record.key == key or not mirror.is_subscriber(record):
                mirror.take(record)
    facts: list[Facts] = []
    for topic in map(names.full, TOPICS):
        async with TopicReader(bootstrap, [topic], count, only=partition) as reader:
            facts.append([json.loads(record.value) async for record in reader.new_records() if record.key == key])
    try:
        found = mirror.find(subscriber_id, await _versions(bootstrap, names, policies or load_settings().policies))
    except LookupError as refusal:
        message = f"{refusal}: give the policy files that the system runs on with --policy"
        raise WrongUse(message) from None
    changes, risks = facts
    return None if found is None else view_object(found), changes, risks
