"""A scorecard held against a labelled table: figures, thresholds, and what the calls of a branch find."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from statistics import mean, median
from typing import NamedTuple

from stream_app.scoring.labels import Outcomes, Target
from stream_app.scoring.marking import Lead, Leads, Marker
from stream_app.scoring.measures import Band, Reached, auc, bands, calibration_error, churned_among, ladder, lift
from stream_app.scoring.table import TableError


class Called(NamedTuple):
    """What some calls find."""

    calls: float
    churned: float
    leads: Sequence[float]

    @property
    def precision(self) -> float:
        """Give the share of calls that reach a leaver."""
        return self.churned / self.calls


SHARES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
CALL_DAYS = (1, 5, 22)  # a day, a week and a month of work


class Case(NamedTuple):
    """A row with a known end."""

    score: int
    per_mille: int
    churned: bool
    lead_days: float | None
    weight: float


class Checked(NamedTuple):
    """What came out; `cases` from the highest score down."""

    cases: Sequence[Case]
    steps: Sequence[Reached]
    bands: Sequence[Band]
    unlabelled: int

    @property
    def auc(self) -> float:
        """Give the area under the curve."""
        return auc(self.steps)

    @property
    def top_decile_lift(self) -> float:
        """Give the lift of the tenth with the highest scores."""
        return lift(self.steps)


def check(marker: Marker, target: Target, lead: Lead | None) -> Checked:
    """Score a labelled table; raises TableError."""
    outcomes = Outcomes(marker.table, target)
    leads = None if lead is None else Leads(lead, marker.table)
    cases: list[Case] = []
    unlabelled = 0
    for number, row, scored in marker.marked():
        churned = outcomes.label(number, row)
        if churned is None:
            unlabelled += 1
            continue
        days = leads.days(number, row) if leads is not None and churned else None
        cases.append(Case(scored.score, scored.churn_per_mille, churned, days, outcomes.weight(number, row)))
    cases.sort(key=lambda case: -case.score)
    labels = [case.churned for case in cases]
    if len(set(labels)) < 2:  # noqa: PLR2004 - yes and no
        message = f"{marker.table.name}: {target.label} never says {'no' if any(labels) else 'yes'}: nothing to check"
        raise TableError(message)
    weights = [case.weight for case in cases]
    steps = ladder([case.score for case in cases], labels, weights)
    return Checked(cases, steps, bands([case.per_mille for case in cases], labels, weights), unlabelled)


def thresholds(found: Checked) -> list[Reached]:
    """Pick the scores at which about so many shares of the rows are called."""
    total = found.steps[-1].rows
    picked = [next(step for step in found.steps if step.rows >= share * total) for share in SHARES]
    return list(dict.fromkeys(picked))


def report(found: Checked, capacity: int) -> Iterator[str]:
    """Word a check, line by line."""
    total = found.steps[-1]
    rate = total.churned / total.rows
    yield f"{total.rows:,.0f} rows, {total.churned:,.0f} churned ({rate:.1%})" + (
        f"; {found.unlabelled:,} without a label passed over" if found.unlabelled else ""
    )
    yield f"AUC {found.auc:.4f}, top-decile lift {found.top_decile_lift:.2f} (at most {min(10, 1 / rate):.2f})"
    yield f"calibration: off by {calibration_error(found.bands) / 10:.1f} points of a hundred, on average"
    yield "       rows    said    came"
    yield from (
        f"  {each.rows:>9,.0f} {each.said_per_mille / 10:>6.1f}% {each.came_per_mille / 10:>6.1f}%"
        for each in found.bands
    )
    yield ""
    yield f"from score   customers  churners  precision  of all churners   lift  days of {capacity} calls"
    yield from (_threshold(step, total, capacity) for step in thresholds(found))
    yield ""
    yield f"at {capacity} calls a day, the highest scores first:"
    yield from (_days(found, capacity, days) for days in CALL_DAYS)


def _threshold(step: Reached, total: Reached, capacity: int) -> str:
    precision = step.churned / step.rows
    return (
        f"{step.score:>10} {step.rows:>11,.0f} {step.churned:>9,.0f} {precision:>10.1%}"
        f"{step.churned / total.churned:>17.1%}"
        f"{precision * total.rows / total.churned:>7.2f} {step.rows / capacity:>10.1f}"
    )


def called(found: Checked, calls: float) -> Called:
    """Say what so many calls find, the highest scores first."""
    calls = min(calls, found.steps[-1].rows)
    lowest = next(step.score for step in found.steps if step.rows >= calls)
    reached = takewhile(lambda case: case.score >= lowest, found.cases)
    leads = [case.lead_days for case in reached if case.lead_days is not None]
    return Called(calls, churned_among(found.steps, calls), leads)


def _days(found: Checked, capacity: int, days: int) -> str:
    made = called(found, capacity * days)
    reach = f"{made.calls:,.0f} calls reach {made.churned:,.0f} churners"
    text = f"  in {days} day(s): {reach}: precision {made.precision:.1%}"
    return text + (f", lead median {median(made.leads):.0f} and mean {mean(made.leads):.1f} days" if made.leads else "")
