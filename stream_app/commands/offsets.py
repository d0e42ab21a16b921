"""`stream-app offsets`: how far the workers are, waiting until they are through, and moving them by hand."""

import asyncio
import re
from collections.abc import Sequence

import click

from stream_app.commands.common import Failure, WrongUse, app_id_option, bootstrap_option, prefix_option, worded
from stream_app.replay.offsets import GroupOffsets, Refused, Standing
from stream_app.worker.topics import Names, partition_count

Wanted = dict[tuple[str, int], int]
PLACE = re.compile(r"([a-z-]+):(\d+)=(\d+)")


@click.group()
def offsets() -> None:
    """See how far the workers are, wait for it, move it."""


@offsets.command("list")
@bootstrap_option
@prefix_option
@app_id_option
@worded
def list_(bootstrap: str, topic_prefix: str, app_id: str) -> None:
    """List how far each partition of each feed is worked, and what is left.

    \b
    Example:
      stream-app offsets list
    """
    standings, members = asyncio.run(_look(bootstrap, Names(topic_prefix, app_id)))
    for each in standings:
        click.echo(f"{each.feed:<20} {each.partition:>4} {_at(each):>12} of {each.end:>12,}  to work {each.lag:>10,}")
    click.echo(f"{members} workers in the group {app_id}, {sum(each.lag for each in standings):,} records to work")


@offsets.command()
@bootstrap_option
@prefix_option
@app_id_option
@click.option("--seconds", type=click.FloatRange(min=0), default=600.0, show_default=True, help="At most so long.")
@worded
def wait(bootstrap: str, topic_prefix: str, app_id: str, seconds: float) -> None:
    """Wait until all that is on the feeds now is worked and committed; what comes meanwhile is not waited for.

    \b
    Example:
      stream-app offsets wait --seconds 60
    """
    try:
        awaited = asyncio.run(asyncio.wait_for(_wait(bootstrap, Names(topic_prefix, app_id)), seconds))
    except TimeoutError:
        message = f"not all is worked after {seconds:g} s: look with `stream-app offsets list`"
        raise Failure(message) from None
    click.echo(f"all is worked ({awaited:,} records were awaited)")


@offsets.command()
@click.argument("places", nargs=-1, required=True, metavar="FEED:PARTITION=OFFSET...")
@bootstrap_option
@prefix_option
@app_id_option
@worded
def move(places: Sequence[str], bootstrap: str, topic_prefix: str, app_id: str) -> None:
    """Say from where the workers go on; refused while one is in the group.

    Back, to where the state stands, loses nothing: what was worked is passed over. Ahead, the workers refuse to start,
    but for STREAM_APP_ACCEPT_GAP=true: what lies between is given up.

    \b
    Example:
      stream-app offsets move usage-events:1=3750
    """
    wanted = dict(map(_place, places))
    try:
        moved = asyncio.run(_move(bootstrap, Names(topic_prefix, app_id), wanted))
    except Refused as refusal:
        raise Failure(str(refusal)) from None
    for line in _moved(moved, wanted):
        click.echo(line)


@offsets.command("to-state")
@bootstrap_option
@prefix_option
@app_id_option
@worded
def to_state(bootstrap: str, topic_prefix: str, app_id: str) -> None:
    """Move the offsets that are ahead of the state back to where it stands; refused while a worker is in the group.

    What lies between is worked again, and its facts come again by the same ids. The changelog is read for it.

    \b
    Example:
      stream-app offsets to-state
    """
    try:
        moved, wanted = asyncio.run(_to_state(bootstrap, Names(topic_prefix, app_id)))
    except Refused as refusal:
        raise Failure(str(refusal)) from None
    for line in _moved(moved, wanted) or ["nothing to move: no offset is ahead of the state"]:
        click.echo(line)


def _moved(before: Sequence[Standing], wanted: Wanted) -> list[str]:
    return [
        f"{each.feed}:{each.partition} was at {_at(each)}, is at {wanted[each.feed, each.partition]:,}"
        for each in before
    ]


def _place(text: str) -> tuple[tuple[str, int], int]:
    found = PLACE.fullmatch(text)
    if found is None:
        message = f"{text!r} is no offset: write FEED:PARTITION=OFFSET, such as usage-events:1=3750"
        raise WrongUse(message)
    return (found[1], int(found[2])), int(found[3])


def _at(standing: Standing) -> str:
    return "nothing" if standing.committed is None else f"{standing.committed:,}"


async def _group(bootstrap: str, names: Names) -> GroupOffsets:
    return GroupOffsets(bootstrap, names, await partition_count(bootstrap, names))


async def _look(bootstrap: str, names: Names) -> tuple[list[Standing], int]:
    group = await _group(bootstrap, names)
    return await group.standings(), await group.members()


async def _wait(bootstrap: str, names: Names) -> int:
    return await (await _group(bootstrap, names)).wait()


async def _move(bootstrap: str, names: Names, wanted: Wanted) -> list[Standing]:
    return await (await _group(bootstrap, names)).move(wanted)


async def _to_state(bootstrap: str, names: Names) -> tuple[list[Standing], Wanted]:
    group = await _group(bootstrap, names)
    wanted = await group.ahead()
    return await group.move(wanted), wanted
