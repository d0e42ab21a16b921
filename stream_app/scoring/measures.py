"""How good scores are: AUC, lift, calibration, and what the calls of a day find. Pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple


class Reached(NamedTuple):
    """Who is called when all from a score on are: rows, and leavers among them."""

    score: int
    rows: int
    churned: int


def ladder(scores: Sequence[int], labels: Sequence[bool]) -> list[Reached]:
    """Count from the top, one line a score, the highest first."""
    found: list[Reached] = []
    rows = churned = 0
    for score, group in groupby(sorted(zip(scores, labels, strict=True), reverse=True), key=lambda pair: pair[0]):
        members = [label for _, label in group]
        rows, churned = rows + len(members), churned + sum(members)
        found.append(Reached(score, rows, churned))
    return found


def auc(steps: Sequence[Reached]) -> float:
    """Give the chance that a leaver has a higher score than a stayer; a tie counts half. 0.5 where one is missing."""
    if not steps:
        return 0.5
    churned, stayed = steps[-1].churned, steps[-1].rows - steps[-1].churned
    area, before = 0.0, Reached(0, 0, 0)
    for step in steps:
        stayers = (step.rows - step.churned) - (before.rows - before.churned)
        area += stayers * (step.churned + before.churned) / 2
        before = step
    return area / (churned * stayed) if churned and stayed else 0.5


def churned_among(steps: Sequence[Reached], rows: float) -> float:
    """Say how many leavers the first `rows` hold; of rows with one score, a share (they are in no order)."""
    before = Reached(0, 0, 0)
    for step in steps:
        if step.rows >= rows:
            part = (rows - before.rows) / (step.rows - before.rows)
            return before.churned + part * (step.churned - before.churned)
        before = step
    return float(before.churned)


def lift(steps: Sequence[Reached], share: float = 0.1) -> float:
    """Say how many times more often the top share leaves than all do."""
    if not steps or not steps[-1].churned:
        return 0.0
    total = steps[-1]
    return churned_among(steps, share * total.rows) / (share * total.rows) / (total.churned / total.rows)


class Band(NamedTuple):
    """Rows of like score: what the scorecard said and what came, per mille."""

    rows: int
    said_per_mille: float
    came_per_mille: float


def bands(said: Sequence[int], labels: Sequence[bool], most: int = 10) -> list[Band]:
    """Lay rows by what was said of them into bands of about equal size; equal words stay together."""
    pairs = sorted(zip(said, labels, strict=True))
    groups = [
        (per_mille, [label for _, label in group]) for per_mille, group in groupby(pairs, key=lambda pair: pair[0])
    ]
    found: list[Band] = []
    rows = total_said = churned = 0
    for per_mille, members in groups:
        rows, total_said, churned = rows + len(members), total_said + per_mille * len(members), churned + sum(members)
        if rows >= len(pairs) / most:
            found.append(Band(rows, total_said / rows, 1000 * churned / rows))
            rows = total_said = churned = 0
    if rows:
        found.append(Band(rows, total_said / rows, 1000 * churned / rows))
    return found


def calibration_error(found: Iterable[Band]) -> float:
    """Give the mean distance between said and came, per mille, each row weighing the same."""
    listed = list(found)
    rows = sum(each.rows for each in listed)
    return sum(each.rows * abs(each.said_per_mille - each.came_per_mille) for each in listed) / rows if rows else 0.0
