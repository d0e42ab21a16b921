"""`stream-app growth`: the growth pool 准中高端, whom to watch in it, how many a target asks for (DOMAIN section 4)."""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from stream_app.commands.common import WrongUse, worded
from stream_app.core.desk.growth import to_develop

MIDDLE_TO_HIGH = ("important", "ordinary", "irregular", "churn_inclined")
POOL, IRREGULAR = "quasi", "irregular"
COLUMNS = (
    "subscriber_id",
    "branch_id",
    "growth_gap_fen",
    "arpu_closed_fen",
    "arpu_live_fen",
    "tenure_months",
    "move_to",
)
Customer = Mapping[str, Any]


@click.command(short_help="List the growth pool, and reckon what a target asks for.")
@click.option(
    "--from",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Answers of a replay.",
)
@click.option("--target", type=click.IntRange(0), help="Mid-to-high-end customers wanted.")
@click.option(
    "--loss-percent", type=click.FloatRange(0, 100), default=0.0, help="Of those there are now, who will leave by then."
)
@click.option(
    "--top", type=click.IntRange(0), default=20, show_default=True, help="Customers to list, the nearest first."
)
@click.option("--csv", "as_csv", is_flag=True, help="The whole pool as CSV, and nothing else.")
@worded
def growth(folder: Path, target: int | None, loss_percent: float, top: int, *, as_csv: bool) -> None:
    """List the customers just below the mid-to-high end, the nearest first; reckon how many a target asks for.

    To develop = target - (those there are - loss), to be drawn from the pool and the irregular 准中高端, 不规则需求.

    \b
    Example:
      stream-app growth --from answers --target 150 --loss-percent 4.5
    """
    customers = list(_customers(folder / "subscribers.ndjson"))
    pool = watch_list(customers)
    if as_csv:
        _write(pool)
        return
    for line in (*_counts(customers, target, loss_percent), *_listed(pool[:top])):
        click.echo(line)


def watch_list(customers: Sequence[Customer]) -> list[Customer]:
    """Give the growth pool, those first that lack least."""
    pool = [each for each in customers if each["value_class"] == POOL]
    return sorted(pool, key=lambda each: (each["growth_gap_fen"], each["subscriber_id"]))


def _customers(path: Path) -> Iterator[Customer]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                customer = orjson.loads(line)
                if "value_class" not in customer:
                    message = f"{path}: line {number} has no value_class: replay again with this release"
                    raise WrongUse(message)
                yield customer
    except (FileNotFoundError, orjson.JSONDecodeError):
        message = f"{path} is missing or broken: give the folder that `replay --out` wrote"
        raise WrongUse(message) from None


def _counts(customers: Sequence[Customer], target: int | None, loss_percent: float) -> Iterator[str]:
    heads = Counter(each["value_class"] for each in customers)
    current = sum(heads[name] for name in MIDDLE_TO_HIGH)
    classes = ", ".join(f"{name.replace('_', '-')} {heads[name]:,}" for name in MIDDLE_TO_HIGH)
    yield f"mid-to-high-end 中高端客户  {current:,} ({classes})"
    yield f"growth pool 准中高端        {heads[POOL]:,}"
    if target is not None:
        loss, wanted = to_develop(target, current, loss_percent)
        source = heads[POOL] + heads[IRREGULAR]
        enough = "enough 足够" if source >= wanted else f"{wanted - source:,} too few 不足"
        yield (
            f"to develop 需发展           {target:,} - ({current:,} - {loss:,}) = {wanted:,}; "
            f"the pool and the irregular are {source:,}: {enough}"
        )


def _listed(pool: Sequence[Customer]) -> Iterator[str]:
    if not pool:
        return
    yield ""
    yield f"{'customer 客户':<26}{'lacks 差额':>12}{'mean 月均':>12}{'live 实时':>12}  branch 分公司, plan 套餐"
    for each in pool:
        yuan = "".join(f"{each[name] / 100:>14,.2f}" for name in ("growth_gap_fen", "arpu_closed_fen", "arpu_live_fen"))
        move = f", offer {each['plan_fit']['move_to']}" if (each["plan_fit"] or {}).get("move_to") else ""
        yield f"{each['subscriber_id']:<24}{yuan}  {each['branch_id'] or '-'}{move}"


def _write(pool: Sequence[Customer]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in pool:
        fit = each["plan_fit"] or {}
        writer.writerow([fit.get("move_to") if name == "move_to" else each[name] for name in COLUMNS])
