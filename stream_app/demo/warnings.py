"""Churn warnings beside what is true: only a simulation can know at once whether a warning is right.

Rule: reads facts from the outside, as `Watch` does; the truth never reaches a worker.
"""

from collections import Counter, deque
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from stream_app.sim import Population, Terms, Truth, Verdict, truth, verdict

RECENT: Final = 8
LEVEL: Final = "high"
LOOK_AHEAD: Final = timedelta(days=180)


class Raised(NamedTuple):
    """A change of risk level, its leading reason, and what will come of it in truth."""

    at: str
    subscriber_id: str
    before: str
    after: str
    score: int
    reason: str
    truth: str


class Warnings:
    """Keeps what was warned of one population, and judges it when asked."""

    def __init__(self, population: Population, began_at: datetime, now_at: datetime) -> None:
        self._population, self._began_at = population, began_at
        told = truth(population, began_at, now_at + LOOK_AHEAD)
        self._truths = {each.subscriber_id: each for each in told}
        self._facts: list[dict[str, Any]] = []
        self.newest: deque[Raised] = deque(maxlen=RECENT)
        self.levels: Counter[str] = Counter()  # changes, by the level they led to

    def take(self, fact: dict[str, Any]) -> None:
        """Keep a churn_risk.changed fact."""
        self._facts.append(fact)
        if fact["from"] != fact["to"]:
            self.levels[fact["to"]] += 1
            self.newest.append(self._warning(fact))

    def judged(self, clock_at: datetime) -> Verdict:
        """Judge all warnings up to a simulated instant."""
        zone = self._population.timezone
        from_on, until_on = (at.astimezone(zone).date() for at in (self._began_at, clock_at))
        terms = Terms(from_on, until_on + timedelta(days=1), LEVEL, zone=self._population.zone)
        return verdict(self._facts, truth(self._population, self._began_at, clock_at), terms)

    def _warning(self, fact: dict[str, Any]) -> Raised:
        reasons = fact["reasons"]
        return Raised(
            fact["occurred_at"],
            fact["subscriber_id"],
            fact["from"],
            fact["to"],
            fact["score"],
            reasons[0]["indicator"] if reasons else "",
            _in_truth(self._truths.get(fact["subscriber_id"])),
        )


def summary(found: Verdict) -> dict[str, object]:
    """Word a verdict for the end of the demo, a figure an entry."""
    quartiles = found.found.quartiles()
    days = "too few" if quartiles is None else " / ".join(f"{each:g}" for each in quartiles)
    return {
        f"warned at level {LEVEL} or above": f"{found.alerted} of {found.customers} customers",
        "of them would leave within 90 days": f"{found.right} (precision {found.precision:.0%}, lift {found.lift:.1f})",
        "leavers warned of in time": f"{len(found.found.lead_days)} of {found.found.leavers}",
        "days before leaving (quartiles)": days,
        "false alarms per thousand customers": f"{found.false_alarms_per_thousand:.0f}",
        "up and down within seven days": f"{found.flapping_share:.0%} of the warned",
    }


def _in_truth(told: Truth | None) -> str:
    if told is None or told.would_leave_on is None:
        return "stays"
    if told.kept_on is not None:
        return f"kept on {told.kept_on} ({told.archetype})"
    return f"leaves on {told.would_leave_on} ({told.archetype})"
