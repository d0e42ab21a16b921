"""`stream-app judge`: warnings held against who really left."""

import gzip
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import orjson

from stream_app.commands.common import WrongUse, worded
from stream_app.core.state import LEVELS
from stream_app.sim import Terms, Truth, verdict
from stream_app.sim.truth import from_row
from stream_app.sim.verdict import worded as words_of

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])


@click.command(short_help="Hold warnings against who really left.")
@click.option("--facts", required=True, type=FILE, help="churn-risk.ndjson, as `replay` writes it.")
@click.option(
    "--truth",
    "truths",
    required=True,
    type=FILE,
    help="NDJSON, a line for every customer: subscriber_id, left_on (a date, or null); `simulate --truth` writes more.",
)
@click.option(
    "--level", type=click.Choice(["watch", "high", "critical"]), default="high", show_default=True, help="And above."
)
@click.option(
    "--horizon-days",
    type=click.IntRange(1),
    default=90,
    show_default=True,
    help="A warning is right when the customer leaves within so many days.",
)
@click.option("--from", "from_at", type=DAY, metavar="DATE", help="First day that counts; that of the first fact.")
@click.option("--until", "until_at", type=DAY, metavar="DATE", help="First day after; the one after the last fact.")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="In which a day is a day.")
@worded
def judge(
    facts: Path,
    truths: Path,
    level: str,
    horizon_days: int,
    from_at: datetime | None,
    until_at: datetime | None,
    zone: str,
) -> None:
    """Say how good warnings were: precision, lift, days before leaving, false alarms, flapping.

    \b
    Example:
      stream-app simulate --subscribers 500 --days 270 --out events.ndjson.gz --truth truth.ndjson
      stream-app replay events.ndjson.gz --policy deploy/policies/default.yaml --engine offline --out answers
      stream-app judge --facts answers/churn-risk.ndjson --truth truth.ndjson --from 2025-04-01
    """
    rows = list(_rows(facts))
    first_on, last_on = _span(rows, _zone(zone))
    from_on = from_at.date() if from_at else first_on
    until_on = until_at.date() if until_at else last_on + timedelta(days=1)
    if from_on >= until_on:
        message = f"no day lies from {from_on} up to {until_on}: --from must be before --until"
        raise WrongUse(message)
    terms = Terms(from_on, until_on, level, horizon_days, zone)
    click.echo(words_of(verdict(rows, _truths(truths), terms), terms))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError:
                row = None
            if not isinstance(row, dict):
                message = f"{path}: line {number} is no JSON object"
                raise WrongUse(message)
            yield row


def _truths(path: Path) -> Iterator[Truth]:
    for number, row in enumerate(_rows(path), 1):
        try:
            yield from_row(row)
        except (KeyError, TypeError, ValueError):
            message = f"{path}: line {number} needs a subscriber_id and a left_on, a date such as 2025-04-30 or null"
            raise WrongUse(message) from None


def _span(rows: list[dict[str, Any]], zone: ZoneInfo) -> tuple[date, date]:
    try:
        days = [datetime.fromisoformat(row["occurred_at"]).astimezone(zone).date() for row in rows]
    except (KeyError, TypeError, ValueError):
        message = "--facts takes facts of churn-risk: each has an instant, occurred_at"
        raise WrongUse(message) from None
    if not all(row.get("from") in LEVELS and row.get("to") in LEVELS for row in rows):
        message = f"--facts takes facts of churn-risk: `from` and `to` are levels, {', '.join(LEVELS)}"
        raise WrongUse(message)
    if not days:
        message = "there is no fact to judge: was anything simulated for long enough?"
        raise WrongUse(message)
    return min(days), max(days)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError):
        message = f"--zone {name!r} is no time zone: write it as Asia/Shanghai"
        raise WrongUse(message) from None
