"""`stream-app dead-letters`: see what was rejected and why, and send it again after a fix."""

import asyncio
from collections import Counter

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stream_app.commands.common import Failure, WrongUse, app_id_option, bootstrap_option, prefix_option, worded
from stream_app.replay.dead_letters import DeadLetterBox, Letter
from stream_app.wire.dead_letters import original
from stream_app.worker.topics import Names, partition_count


@click.group("dead-letters")
def dead_letters() -> None:
    """List, show and replay what was rejected."""


@dead_letters.command("list")
@bootstrap_option
@prefix_option
@app_id_option
@click.option("--reason", help="Only those with this reason.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="The newest so many.")
@worded
def list_(bootstrap: str, topic_prefix: str, app_id: str, reason: str | None, limit: int) -> None:
    """List dead letters, the newest last, and count them by reason.

    \b
    Example:
      stream-app dead-letters list --reason invalid_field
    """
    letters = asyncio.run(_letters(bootstrap, Names(topic_prefix, app_id), reason))
    if not letters:
        click.echo("no dead letters")
        return
    table = Table("place", "reason", "from", "message", "sent back", title_justify="left")
    for letter in letters[-limit:]:
        words = (
            letter.place,
            letter.reason,
            letter.origin,
            letter.headers.get("dl_message", ""),
            "yes" if letter.sent_back else "",
        )
        table.add_row(*map(Text, words))
    Console().print(table)
    counts = Counter(letter.reason for letter in letters)
    click.echo(f"{len(letters)} dead letters: " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))


@dead_letters.command()
@bootstrap_option
@prefix_option
@app_id_option
@click.argument("place", metavar="PARTITION:OFFSET")
@worded
def show(bootstrap: str, topic_prefix: str, app_id: str, place: str) -> None:
    """Show one dead letter whole; bytes that are no text are shown escaped.

    \b
    Example:
      stream-app dead-letters show 2:17
    """
    if not all(number.isdecimal() for number in place.split(":")) or place.count(":") != 1:
        message = f"{place!r} is no place: write PARTITION:OFFSET, as `stream-app dead-letters list` shows it"
        raise WrongUse(message)
    letters = asyncio.run(_letters(bootstrap, Names(topic_prefix, app_id), None))
    letter = next((letter for letter in letters if letter.place == place), None)
    if letter is None:
        message = f"there is no dead letter at {place}: take a place from `stream-app dead-letters list`"
        raise Failure(message)
    record = letter.record
    shown = {
        "reason": letter.reason,
        "message": letter.headers.get("dl_message", ""),
        "from": letter.origin,
        "sent back": "yes" if letter.sent_back else "no",
        "key": repr(record.key),
        "headers": str(original(record).headers),
        "value": repr(record.value),
    }
    for name, value in shown.items():
        click.echo(f"{name + ':':<11}{value}")


@dead_letters.command()
@bootstrap_option
@prefix_option
@app_id_option
@click.option("--reason", help="Only those with this reason.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@worded
def replay(bootstrap: str, topic_prefix: str, app_id: str, reason: str | None, yes: bool) -> None:
    """Send dead letters back to the topics they came from; those sent back before are passed over.

    Do it after the cause is mended. An event that was applied meanwhile is dropped as a duplicate; what fails again
    comes back as a new dead letter.

    \b
    Example:
      stream-app dead-letters replay --reason unknown_type --yes
    """
    names = Names(topic_prefix, app_id)
    due = [letter for letter in asyncio.run(_letters(bootstrap, names, reason)) if not letter.sent_back]
    if due and not yes:
        click.confirm(f"send {len(due)} dead letters back to their topics?", abort=True)
    sent = asyncio.run(_send_back(bootstrap, names, due)) if due else 0
    click.echo(f"{sent} dead letters sent back" if sent else "nothing to send back")


async def _letters(bootstrap: str, names: Names, reason: str | None) -> list[Letter]:
    return await DeadLetterBox(bootstrap, names, await partition_count(bootstrap, names)).letters(reason)


async def _send_back(bootstrap: str, names: Names, letters: list[Letter]) -> int:
    return await DeadLetterBox(bootstrap, names, await partition_count(bootstrap, names)).send_back(letters)
