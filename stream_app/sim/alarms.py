"""Warnings as they stood: churn-risk facts joined to spans of time, for each customer.

Rule: reads facts as any consumer would (CONTRACTS.md section 5); a change of
reasons alone is none of the level.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

LEVELS: Final = ("none", "watch", "high", "critical")
LEFT: Final = "left"  # the reason of the last fall
_FLAP: Final = timedelta(days=7)

Fact: TypeAlias = Mapping[str, object]


class Change(NamedTuple):
    """A change of level, as places in LEVELS."""

    at: datetime
    before: int
    after: int
    left: bool

    @property
    def rises(self) -> bool:
        """Say whether the level has gone up."""
        return self.after > self.before

    @property
    def falls(self) -> bool:
        """Say whether the level has gone down while the customer stays."""
        return self.after < self.before and not self.left


class Alarm(NamedTuple):
    """A span of days on which a level stood; `end_on` is None while it still does."""

    start_on: date
    end_on: date | None

    def meets(self, from_on: date, until_on: date) -> bool:
        """Say whether it stood at some time in [from_on, until_on)."""
        return self.start_on < until_on and (self.end_on is None or self.end_on >= from_on)


def changes_by_subscriber(facts: Iterable[Fact]) -> dict[str, list[Change]]:
    """Sort the changes of level by customer and time; other facts and mere changes of reason are left out."""
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for fact in facts:
        if fact.get("type") == "churn_risk.changed" and fact["from"] != fact["to"]:
            found[str(fact["subscriber_id"])].append(_change(fact))
    return {subscriber_id: sorted(changes) for subscriber_id, changes in found.items()}


def alarms(changes: Iterable[Change], level: str, zone: ZoneInfo) -> Iterator[Alarm]:
    """Yield the spans in which a customer stood at a level or above it."""
    least = LEVELS.index(level)
    start_on: date | None = None
    for change in changes:
        on = change.at.astimezone(zone).date()
        if change.after >= least and start_on is None:
            start_on = on
        elif change.after < least and start_on is not None:
            yield Alarm(start_on, on)
            start_on = None
    if start_on is not None:
        yield Alarm(start_on, None)


def flaps(changes: Sequence[Change]) -> bool:
    """Say whether a level ever went up and down again within seven days; leaving is no flapping."""
    return any(one.rises and other.falls and other.at - one.at <= _FLAP for one, other in pairwise(changes))


def _change(fact: Fact) -> Change:
    at = datetime.fromisoformat(str(fact["occurred_at"]))
    before, after = (LEVELS.index(str(fact[name])) for name in ("from", "to"))
    return Change(at, before, after, left=_left(fact))


def _left(fact: Fact) -> bool:
    reasons = fact.get("reasons", ())
    return isinstance(reasons, Iterable) and any(
        isinstance(reason, Mapping) and reason.get("indicator") == LEFT for reason in reasons
    )
