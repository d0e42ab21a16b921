"""How good scores are: AUC, lift, calibration, and what the calls of a day find. Pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple


class Reached(NamedTuple):
    """Who is called when all from a score on are: rows, and leavers among them."""

    score: int
    rows: float
    churned: float


def ladder(scores: Sequence[int], labels: Sequence[bool], weights: Sequence[float] | None = None) -> list[Reached]:
    """Count from the top, one line a score, the highest first; each row as often as it weighs."""
    found: list[Reached] = []
    rows = churned = 0.0
    ranked = sorted(zip(scores, labels, weights or [1] * len(scores), strict=True), reverse=True)
    for score, group in groupby(ranked, key=lambda each: each[0]):
        members = list(group)
        rows += sum(weight for *_, weight in members)
        churned += sum(weight for _, label, weight in members if label)
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

    rows: float
    said_per_mille: float
    came_per_mille: float


def bands(said: Sequence[int], labels: Sequence[bool], weights: Sequence[float], most: int = 10) -> list[Band]:
    """Lay rows by what was said of them into bands of about equal size; equal words stay together."""
    found: list[Band] = []
    rows = total_said = churned = 0.0
    steps = ladder(said, labels, weights)
    for step, before in zip(reversed(steps), [*reversed(steps[:-1]), Reached(0, 0, 0)], strict=True):
        own = step.rows - before.rows
        rows, total_said, churned = rows + own, total_said + step.score * own, churned + step.churned - before.churned
        if rows >= steps[-1].rows / most:
            found.append(Band(rows, total_said / rows, 1000 * churned / rows))
            rows = total_said = churned = 0.0
    if rows:
        found.append(Band(rows, total_said / rows, 1000 * churned / rows))
    return found


def calibration_error(found: Iterable[Band]) -> float:
    """Give the mean distance between said and came, per mille, each row weighing the same."""
    listed = list(found)
    rows = sum(each.rows for each in listed)
    return sum(each.rows * abs(each.said_per_mille - each.came_per_mille) for each in listed) / rows if rows else 0.0
