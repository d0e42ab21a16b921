"""`stream-app risk collect`: the outcomes that the workers recorded, as a table that `risk fit` takes."""

import asyncio
import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from stream_app.commands.common import (
    OUT_FILE,
    Failure,
    WrongUse,
    app_id_option,
    bootstrap_option,
    prefix_option,
    worded,
)
from stream_app.core.facts import ChurnOutcomeRecorded
from stream_app.core.outcomes import HORIZONS_DAYS, STORED
from stream_app.replay.answers import FACT_FILES
from stream_app.replay.topics_reader import TopicReader
from stream_app.worker.topics import Names, partition_count

LABEL = "left"
ID = "subscriber_id"
CONTEXT = ("outcome_on", "seen_on", "lead_days", "value_class", "branch_id", "weight")
Outcome = Mapping[str, Any]


@click.command(short_help="Make a table of who left and who stayed.")
@bootstrap_option
@prefix_option
@app_id_option
@click.option(
    "--from", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Answers of a replay."
)
@click.option("--out", required=True, type=OUT_FILE, help="The table, CSV.")
@click.option(
    "--days",
    type=click.Choice([str(days) for days in HORIZONS_DAYS]),
    default=str(HORIZONS_DAYS[0]),
    show_default=True,
    help="How long before the outcome the indicators were read, at least.",
)
@click.option(
    "--context",
    is_flag=True,
    help=f"Also {', '.join(CONTEXT)}: to look at, never to fit on, since most of them tell who left.",
)
@worded
def collect(
    bootstrap: str, topic_prefix: str, app_id: str, folder: Path | None, out: Path, days: str, context: bool
) -> None:
    """Turn the topic churn-outcomes into a table: one line an outcome, the indicators as columns, `left` 1 or 0.

    Who stayed is a sample (`outcomes.stayed_permille` of the policy), so scores rank well, and their level is that of
    the sample. A scorecard of these columns can be the policy's `risk.indicators`.

    \b
    Examples:
      stream-app risk collect --bootstrap 127.0.0.1:9092 --out outcomes.csv
      stream-app risk collect --from answers --context --out outcomes.csv
      stream-app risk fit --table outcomes.csv --label left --weight weight --out scorecard.yaml \
        --policy policy.yaml --policy-out fitted.yaml
    """
    if folder is not None:
        outcomes = _from_folder(folder)
    else:
        outcomes = asyncio.run(_from_broker(bootstrap, Names(topic_prefix, app_id)))
    rows = list(table(outcomes, int(days), CONTEXT if context else ()))
    if not rows:
        message = f"no outcome with indicators {days} days before it was recorded yet: nothing is written"
        raise Failure(message)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns(CONTEXT if context else ()))
        writer.writerows(rows)
    gone = sum(row[1] for row in rows)
    click.echo(f"{len(rows):,} outcomes, {gone:,} left, {len(rows) - gone:,} stayed -> {out}")


def columns(context: Sequence[str]) -> list[str]:
    """Name the columns of the table."""
    return [ID, LABEL, *context, *STORED]


def table(outcomes: Sequence[Outcome], days: int, context: Sequence[str]) -> Iterator[list[Any]]:
    """Lay outcomes out as lines, a repeat of one once; those with nothing seen so long before are left out."""
    for outcome in {each["fact_id"]: each for each in outcomes}.values():
        seen = next((each for each in outcome["before"] if each["days_before"] == days), None)
        if seen is not None:
            lead = date.fromisoformat(outcome["outcome_on"]) - date.fromisoformat(seen["seen_on"])
            known = {**outcome, "seen_on": seen["seen_on"], "lead_days": lead.days}
            values = [_cell(seen["indicators"].get(name)) for name in STORED]
            yield [outcome[ID], int(outcome[LABEL]), *(_cell(known.get(name)) for name in context), *values]


def _cell(value: object) -> object:
    return "" if value is None else value


def _from_folder(folder: Path) -> list[Outcome]:
    path = folder / FACT_FILES[ChurnOutcomeRecorded.topic]
    if not path.is_file():
        message = f"{folder} holds no {path.name}: give the --out folder of a replay"
        raise WrongUse(message)
    with path.open("rb") as lines:
        return [json.loads(line) for line in lines]


async def _from_broker(bootstrap: str, names: Names) -> list[Outcome]:
    count = await partition_count(bootstrap, names)
    async with TopicReader(bootstrap, [names.full(ChurnOutcomeRecorded.topic)], count) as reader:
        return [json.loads(record.value) async for record in reader.new_records()]
