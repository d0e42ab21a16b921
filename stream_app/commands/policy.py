"""`stream-app policy`: look at policies before they decide anything, and publish them to running workers."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import click
import orjson

from stream_app.commands.common import (
    WrongUse,
    app_id_option,
    bootstrap_option,
    given_policies,
    load_policies,
    prefix_option,
    worded,
)
from stream_app.commands.policy_words import LANGUAGES, Language, line, small
from stream_app.commands.shadow_words import capacity_of, capacity_option, shadow_lines
from stream_app.core.policy import Policy
from stream_app.core.policy_diff import differences
from stream_app.replay.shadowing import shadow_state
from stream_app.wire.policy_file import PolicyError, load_policy
from stream_app.worker.published import published_policies, read_published
from stream_app.worker.publishing import Announced, NotPublished, announce
from stream_app.worker.topics import Names, connect, partition_count

FILE_SUFFIXES = {".yaml", ".yml", ".json"}  # what is so named is meant as a file
file_type = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def policy() -> None:
    """Look at policies, compare them, publish them."""


@policy.command()
@click.argument("files", nargs=-1, required=True, type=file_type, metavar="FILE...")
@worded
def check(files: tuple[Path, ...]) -> None:
    """Check policy files, alone and together as versions of one policy, and show what they say.

    \b
    Example:
      stream-app policy check deploy/policies/default.yaml
    """
    for found in sorted(load_policies(files), key=lambda each: each.effective_at):
        click.echo(_words(found))


@policy.command()
@click.argument("file", type=file_type, metavar="FILE")
@bootstrap_option
@prefix_option
@app_id_option
@worded
def publish(file: Path, bootstrap: str, topic_prefix: str, app_id: str) -> None:
    """Publish a policy version to all workers: in force from the first tick at or after its effective_at.

    Refused: what does not validate, an effective_at that the workers' clock has passed, another zone or anchor day, and
    a version that is there with other figures. Nothing is taken back: publish a later version instead.

    \b
    Example:
      stream-app policy publish tighter.yaml --bootstrap 127.0.0.1:9092
    """
    [given] = given_policies([file])
    try:
        done = asyncio.run(announce(bootstrap, Names(topic_prefix, app_id), given))
    except NotPublished as refusal:
        message = f"{file}: {refusal}"
        raise WrongUse(message) from None
    click.echo(_announced(given.policy, done))


@policy.command("list")
@bootstrap_option
@prefix_option
@app_id_option
@worded
def list_versions(bootstrap: str, topic_prefix: str, app_id: str) -> None:
    """List the versions that the workers know, in the order they come into force.

    \b
    Example:
      stream-app policy list --bootstrap 127.0.0.1:9092
    """
    for found in asyncio.run(_published(bootstrap, Names(topic_prefix, app_id))):
        click.echo(f"{found.version:<32} in force from {found.effective_at.isoformat()}")


@policy.command()
@click.argument("before")
@click.argument("after")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="English or Chinese.")
@bootstrap_option
@prefix_option
@app_id_option
@worded
def diff(before: str, after: str, language: Language, bootstrap: str, topic_prefix: str, app_id: str) -> None:
    """Say in words what differs between two policies, each a file or the name of a published version.

    \b
    Examples:
      stream-app policy diff deploy/policies/default.yaml deploy/policies/sichuan.yaml
      stream-app policy diff default-1 tighter.yaml --language zh
    """
    old, new = (_file_or_version(each, bootstrap, Names(topic_prefix, app_id)) for each in (before, after))
    found = differences(old, new)
    for each in found:
        click.echo(line(each, language))
    if all(each.path[0] in {"version", "effective_at"} for each in found):
        click.echo(small("same", language))


@policy.command()
@click.argument("file", type=file_type, metavar="FILE")
@capacity_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON instead of a table.")
@bootstrap_option
@prefix_option
@app_id_option
@worded
def shadow(
    file: Path, capacities: tuple[str, ...], as_json: bool, bootstrap: str, topic_prefix: str, app_id: str
) -> None:
    """Say what a candidate would change if it came into force now, on the state of a running system.

    Tiers, risk levels and value classes from-to with example customers, and by branch the tasks of the switch against
    what it can do in a day. The workers are not asked: their changelog is read. For files, see `replay --shadow`.

    \b
    Example:
      stream-app policy shadow tighter.yaml --bootstrap 127.0.0.1:9092 --capacity 40 --capacity north=60
    """
    names, candidate = Names(topic_prefix, app_id), load_policy(file)
    try:
        report = asyncio.run(_shadow(bootstrap, names, candidate, capacity_of(capacities)))
    except (LookupError, ValueError) as refusal:
        message = f"{file}: {refusal}"
        raise WrongUse(message) from None
    for each in (orjson.dumps(report).decode(),) if as_json else shadow_lines(report):
        click.echo(each)


async def _shadow(bootstrap: str, names: Names, candidate: Policy, capacity: Callable[[str], int]) -> dict[str, object]:
    partitions = await partition_count(bootstrap, names)
    live = published_policies((await read_published(bootstrap, names.policies))[0])
    if live is None:
        message = "no worker has run here yet: there is no state to try a policy on"
        raise LookupError(message)
    return await shadow_state(bootstrap, names, partitions, live, candidate, capacity)


def _file_or_version(text: str, bootstrap: str, names: Names) -> Policy:
    if Path(text).is_file():
        return load_policy(Path(text))
    if Path(text).suffix in FILE_SUFFIXES or Path(text).name != text:
        message = f"there is no file {text}: give a policy file, or the name of a published version"
        raise WrongUse(message)
    versions = asyncio.run(_published(bootstrap, names))
    found = next((each for each in versions if each.version == text), None)
    if found is None:
        message = f"{text} is neither a file nor a published version ({', '.join(each.version for each in versions)})"
        raise PolicyError(message)
    return found


async def _published(bootstrap: str, names: Names) -> list[Policy]:
    admin = await connect(bootstrap)  # says so in words where no broker answers
    await admin.close()
    found = published_policies((await read_published(bootstrap, names.policies))[0])
    return found.versions if found is not None else []


def _announced(found: Policy, done: Announced) -> str:
    clock = f"; the workers' clock is at {done.clock_at.isoformat()}" if done.clock_at else ""
    told = "published" if done.is_new else "there already, with the same figures"
    force = f"in force from the first tick at or after {found.effective_at.isoformat()}"
    return f"{found.version}: {told} (offset {done.offset}), {force}{clock}"


def _words(found: Policy) -> str:
    billing, rules = found.billing, found.tier_policy
    months = (
        f"months start on day {billing.anchor_day} in {billing.zone}, close {billing.grace_hours} h after their end, "
        f"and can be corrected until {billing.correctable_months} more have closed"
    )
    keeping = (
        f"a tier is lost after {rules.closes_to_downgrade} close(s) below its floor; "
        f"contract {'required' if rules.contract_required else 'not required'}; "
        f"arrears suspend {rules.arrears_grace_days} days after the due date"
    )
    lines = [
        f"{found.version}, in force from {found.effective_at.isoformat()}",
        f"  {months}",
        f"  {keeping}",
        *(
            f"  {tier.code:<10} from {tier.floor_fen / 100:>10,.2f} yuan a month{f'  {tier.card}' if tier.card else ''}"
            for tier in found.tiers
        ),
    ]
    return "\n".join(lines)
