"""Warnings against the truth: lift, lead in days, false alarms and flapping.

Rule: pure, and counts customers: one warned ten times is warned once. Whom a
measure kept would have left: who warned of them was right.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from stream_app.sim.alarms import Alarm, Change, Fact, alarms, changes_by_subscriber, flaps
from stream_app.sim.truth import Truth


class Terms(NamedTuple):
    """What counts: a level and above, on days in [from_on, until_on), for leaving within a horizon."""

    from_on: date
    until_on: date
    level: str = "high"
    horizon_days: int = 90
    zone: str = "Asia/Shanghai"

    @property
    def horizon(self) -> timedelta:
        """Give the longest time before leaving at which a warning is of use."""
        return timedelta(days=self.horizon_days)


class Found(NamedTuple):
    """Of the leavers of a kind: how many, how many warned of in time, and how many days before."""

    leavers: int
    lead_days: tuple[int, ...]

    @property
    def recall(self) -> float:
        """Give the share that was warned of in time; 0 where nobody left."""
        return len(self.lead_days) / self.leavers if self.leavers else 0.0

    def quartiles(self) -> tuple[float, float, float] | None:
        """Give the lower quartile, the median and the upper quartile of the days; None below two."""
        if len(self.lead_days) < 2:  # noqa: PLR2004 - statistics wants two
            return None
        low, middle, high = statistics.quantiles(self.lead_days, n=4, method="inclusive")
        return low, middle, high


@dataclass(frozen=True, slots=True)
class Verdict:
    """How good the warnings were.

    `base_share`: of all customers, who would leave from the first day to a
    horizon after the last. `false_alarms` counts each span at the level that
    nobody's leaving followed within the horizon.
    """

    customers: int
    base_share: float
    alerted: int
    right: int
    flapping: int
    false_alarms: int
    found: Found
    by_archetype: Mapping[str, Found]

    @property
    def precision(self) -> float:
        """Give the share of the alerted customers who would leave within the horizon; 0 where nobody is alerted."""
        return self.right / self.alerted if self.alerted else 0.0

    @property
    def lift(self) -> float:
        """Say how many times more often the alerted would leave than a customer drawn by lot."""
        return self.precision / self.base_share if self.base_share else 0.0

    @property
    def false_alarms_per_thousand(self) -> float:
        """Give false alarms per thousand customers, over all the days that count."""
        return 1000 * self.false_alarms / self.customers if self.customers else 0.0

    @property
    def flapping_share(self) -> float:
        """Give the share of the alerted customers whose level went up and down within seven days."""
        return self.flapping / self.alerted if self.alerted else 0.0


@dataclass
class _Tally:
    """What is counted, customer by customer."""

    alerted: int = 0
    right: int = 0
    flapping: int = 0
    false_alarms: int = 0
    leads: dict[str, list[int | None]] = field(default_factory=lambda: defaultdict(list))


def verdict(facts: Iterable[Fact], truths: Iterable[Truth], terms: Terms) -> Verdict:
    """Join churn-risk facts with the truth; a customer without a truth is nobody's."""
    changes = changes_by_subscriber(facts)
    departures = _departures(truths)
    tally = _Tally()
    for subscriber_id, leaving in departures.items():
        _count(tally, changes.get(subscriber_id, []), leaving, terms)
    until_on = terms.until_on + terms.horizon
    leavers = sum(any(_lies(each, terms.from_on, until_on) for each in leaving) for leaving in departures.values())
    return Verdict(
        customers=len(departures),
        base_share=leavers / len(departures) if departures else 0.0,
        alerted=tally.alerted,
        right=tally.right,
        flapping=tally.flapping,
        false_alarms=tally.false_alarms,
        found=_found([lead for leads in tally.leads.values() for lead in leads]),
        by_archetype={name: _found(leads) for name, leads in sorted(tally.leads.items())},
    )


def _departures(truths: Iterable[Truth]) -> dict[str, list[Truth]]:
    """List each customer's departures: none for who stays."""
    found: dict[str, list[Truth]] = {}
    for each in truths:
        leaving = found.setdefault(each.subscriber_id, [])
        if each.would_leave_on is not None:
            leaving.append(each)
    return found


def _count(tally: _Tally, changes: Sequence[Change], leaving: Sequence[Truth], terms: Terms) -> None:
    stood = alarms(changes, terms.level, ZoneInfo(terms.zone))
    counted = [alarm for alarm in stood if alarm.meets(terms.from_on, terms.until_on)]
    wrong = [alarm for alarm in counted if all(_lead(alarm, each, terms) is None for each in leaving)]
    tally.alerted += bool(counted)
    tally.right += len(wrong) < len(counted)
    tally.false_alarms += len(wrong)
    tally.flapping += bool(counted) and flaps(changes)
    for each in leaving:
        if _lies(each, terms.from_on, terms.until_on):
            leads = [lead for alarm in counted if (lead := _lead(alarm, each, terms)) is not None]
            tally.leads[each.archetype or ""].append(max(leads, default=None))


def _lies(leaving: Truth, from_on: date, until_on: date) -> bool:
    return leaving.would_leave_on is not None and from_on <= leaving.would_leave_on < until_on


def _lead(alarm: Alarm, leaving: Truth, terms: Terms) -> int | None:
    """Give the days from a warning to a departure, the horizon at most; None where it did not warn of it."""
    on = leaving.would_leave_on
    if on is None or not alarm.meets(on - terms.horizon, on):
        return None
    return min((on - alarm.start_on).days, terms.horizon_days)


def _found(leads: Sequence[int | None]) -> Found:
    return Found(len(leads), tuple(sorted(lead for lead in leads if lead is not None)))


def worded(found: Verdict, terms: Terms) -> str:
    """Word a verdict, a figure a line."""
    lines = [
        f"level {terms.level} and above, {terms.from_on} to {terms.until_on}, horizon {terms.horizon_days} days",
        f"customers {found.customers:,}, would leave {found.base_share:.1%}",
        f"alerted {found.alerted:,}, right {found.right:,}: precision {found.precision:.1%}, lift {found.lift:.1f}",
        f"false alarms per thousand customers {found.false_alarms_per_thousand:.1f}",
        f"flapping {found.flapping_share:.1%} of the alerted",
        _line("all leavers", found.found),
        *(_line(name, each) for name, each in found.by_archetype.items()),
    ]
    return "\n".join(lines)


def _line(name: str, found: Found) -> str:
    quartiles = found.quartiles()
    days = "" if quartiles is None else ", days before: " + " / ".join(f"{each:g}" for each in quartiles)
    return f"{name}: {len(found.lead_days)} of {found.leavers} warned of in time ({found.recall:.0%}){days}"
