"""`stream-app risk`: scorecards for the early warning, fitted to an operator's own tables."""

import csv
import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import IO, ParamSpec, TypeVar, cast

import click

from stream_app.commands.common import OUT_FILE, WrongUse, worded
from stream_app.commands.risk_collect import collect
from stream_app.core.indicators import INDICATORS
from stream_app.scoring.checking import check as check_scores
from stream_app.scoring.checking import report
from stream_app.scoring.fitted_policy import fitted_policy
from stream_app.scoring.fitting import fit_scorecard
from stream_app.scoring.labels import Target
from stream_app.scoring.learning import MOST_ROWS, learn
from stream_app.scoring.marking import Lead, Marker
from stream_app.scoring.picture import picture
from stream_app.scoring.scorecard import Scorecard
from stream_app.scoring.scorecard_file import load_scorecard, scorecard_text
from stream_app.scoring.table import TableError, opened
from stream_app.wire.policy_file import PolicyError, load_policy

P = ParamSpec("P")
R = TypeVar("R")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
table_option = click.option(
    "--table", required=True, type=FILE, help="CSV or CSV.gz; the first line names the columns."
)
label_option = click.option(
    "--label", required=True, metavar="COLUMN", help="Who left: 1 or 0, yes or no, true or false, 是 or 否."
)
yes_option = click.option("--yes", metavar="WORD", help="The label's word for who left, where it is none of these.")
weight_option = click.option("--weight", metavar="COLUMN", help="How many customers each row stands for.")
scorecard_option = click.option("--scorecard", required=True, type=FILE, help="What `risk fit` wrote.")


def _told(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what is wrong with a table or scorecard into one line and exit code 2."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (TableError, PolicyError) as refusal:
            raise WrongUse(str(refusal)) from None

    return worded(run)


@click.group()
def risk() -> None:
    """Fit, use and check scorecards for the warning."""


risk.add_command(collect)


@risk.command(short_help="Make a points table from a labelled table.")
@table_option
@label_option
@yes_option
@weight_option
@click.option("--out", required=True, type=OUT_FILE, help="The scorecard, YAML.")
@click.option("--id", "ids", multiple=True, metavar="COLUMN", help="Never a feature; may stand several times.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Deals rows to folds; the same gives the same file."
)
@click.option("--folds", type=click.IntRange(2, 20), default=5, show_default=True, help="Of the cross-validation.")
@click.option(
    "--rows", type=click.IntRange(100), default=MOST_ROWS, show_default=True, help="Of more, a sample is used."
)
@click.option("--policy", type=FILE, help="Fit on the indicators of the warning alone, for this policy.")
@click.option("--policy-out", type=OUT_FILE, help="The policy with the points and levels found, its version `-fitted`.")
@_told
def fit(
    table: Path,
    label: str,
    yes: str | None,
    weight: str | None,
    out: Path,
    ids: tuple[str, ...],
    seed: int,
    folds: int,
    rows: int,
    policy: Path | None,
    policy_out: Path | None,
) -> None:
    """Make an additive points table from a labelled table: numbers, dates, words and gaps in any column.

    Its figures are those of rows that the fit had not seen. With numpy (the extra `risk`) it is much faster.

    \b
    Example:
      stream-app risk fit --table churn.csv.gz --label CHURN --id customer_id --out scorecard.yaml
    """
    before = _policy(policy, policy_out)
    learnt = learn(table, Target(label, yes, weight), ids, seed, rows, before and INDICATORS)
    card = fit_scorecard(learnt.sample, folds, seed)._replace(left_out=learnt.left_out)
    out.write_text(scorecard_text(card), encoding="utf-8")
    if policy_out and before:
        policy_out.write_text(fitted_policy(before, card), encoding="utf-8")
        load_policy(policy_out)
    for name, reason in learnt.left_out.items():
        click.echo(f"left out: {name}: {reason}", err=True)
    for note in learnt.notes:
        click.echo(f"note: {note}", err=True)
    about = card.about
    click.echo(f"{about['rows']:,} rows, {about['churned']:,} churned, {len(card.indicators)} columns -> {out}")
    click.echo(
        f"on rows not seen ({folds} folds): AUC {about['auc']:.4f}, top-decile lift {about['top_decile_lift']:.2f}"
    )


@risk.command(short_help="Score a table with a scorecard.")
@scorecard_option
@table_option
@click.option("--out", required=True, type=OUT_FILE, help="CSV, a line a row; packed when the name ends in .gz.")
@click.option("--id", "id_column", metavar="COLUMN", help="Names the rows; without it, their number from 1.")
@_told
def score(scorecard: Path, table: Path, out: Path, id_column: str | None) -> None:
    """Score a table: one line a row in its order, with the score, the chance to leave, and the leading reasons.

    A column that is not there counts as a gap; a word never seen gets the points of `others`; both are told.

    \b
    Example:
      stream-app risk score --scorecard scorecard.yaml --table now.csv.gz --id customer_id --out scores.csv
    """
    card = load_scorecard(scorecard)
    with opened(table) as rows:
        marker = Marker(card, rows)
        id_at = None if id_column is None else rows.place(id_column)
        with _written(out) as file:
            count = _write_scores(file, marker, id_column or "row", id_at)
    _tell(marker)
    click.echo(f"{count:,} rows -> {out}")


@risk.command(short_help="Hold a scorecard against a labelled table.")
@scorecard_option
@table_option
@label_option
@yes_option
@weight_option
@click.option("--capacity", type=click.IntRange(1), default=20, show_default=True, help="Calls a day.")
@click.option("--lead", metavar="COLUMN", help="Days from the row to the leaving, or with --seen-on its date.")
@click.option("--seen-on", metavar="COLUMN|DATE", help="The day that the row speaks of, where --lead is a date.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for check.txt and check.svg.")
@_told
def check(
    scorecard: Path,
    table: Path,
    label: str,
    yes: str | None,
    weight: str | None,
    capacity: int,
    lead: str | None,
    seen_on: str | None,
    out: Path | None,
) -> None:
    """Say how well a scorecard tells who leaves: AUC, lift, calibration, thresholds, and what a day's calls find.

    \b
    Example:
      stream-app risk check --scorecard scorecard.yaml --table later.csv --label churned --capacity 30 --out checked
    """
    card = load_scorecard(scorecard)
    with opened(table) as rows:
        marker = Marker(card, rows)
        found = check_scores(marker, Target(label, yes, weight), Lead(lead, seen_on) if lead else None)
    text = "\n".join([*report(found, capacity), *_unseen(card)])
    _tell(marker)
    click.echo(text)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "check.txt").write_text(text + "\n", encoding="utf-8")
        (out / "check.svg").write_text(picture(found, capacity), encoding="utf-8")


def _policy(policy: Path | None, policy_out: Path | None) -> str | None:
    if (policy is None) != (policy_out is None):
        message = "--policy and --policy-out go together: the policy to start from, and where to write the new one"
        raise WrongUse(message)
    if policy is None:
        return None
    load_policy(policy)
    return policy.read_text(encoding="utf-8")


def _tell(marker: Marker) -> None:
    for note in marker.notes():
        click.echo(f"note: {note}", err=True)


def _unseen(card: Scorecard) -> list[str]:
    if "auc" not in card.about:
        return []
    figures = f"AUC {card.about['auc']}, top-decile lift {card.about['top_decile_lift']}"
    return ["", f"(when it was fitted, on rows not seen: {figures}; a check on the table of the fit flatters)"]


@contextmanager
def _written(path: Path) -> Iterator[IO[str]]:
    packed = path.suffix == ".gz"
    with (
        gzip.open(path, "wt", encoding="utf-8", newline="")
        if packed
        else path.open("w", encoding="utf-8", newline="") as file
    ):
        yield cast("IO[str]", file)


def _write_scores(file: IO[str], marker: Marker, name: str, id_at: int | None) -> int:
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow([name, "score", "churn_probability", "reasons"])
    number = 0
    for number, row, scored in marker.marked():
        known_as = number if id_at is None else row[id_at]
        lines.writerow([known_as, scored.score, scored.churn_per_mille / 1000, "; ".join(scored.reasons)])
    return number
