"""Which facts call for action, why, and by when (DOMAIN section 6).

A risk at the level that the policy names, a tier that was lost, an important customer who left. Due by the most urgent
reason first, else by tier, counted from when it occurred.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import Any, Literal, NamedTuple

from stream_app.core.desk.contact import due_by_day
from stream_app.core.desk.heard import Ground, Heard, Known, Reason, RiskTold, Switched, TierMoved
from stream_app.core.desk.policy import DeskPolicy, Due
from stream_app.core.offers import row_of

CaseKind = Literal["keep", "win_back"]
IMPORTANT = "important"
NO_LOSS = frozenset({"left", "policy"})  # tiers that go with the customer, or by our own decision: nobody to call
RESULTS = frozenset({"accepted", "refused", "unreachable"})  # closings after which a customer is left alone for a while


class Call(NamedTuple):
    """A fact that calls for action: what a case is opened with, or what joins one."""

    kind: CaseKind
    reasons: tuple[Reason, ...]
    due_at: datetime
    level: int
    score: int
    tier: str | None
    value_class: str
    measures: tuple[str, ...] = ()
    offers: tuple[Mapping[str, Any], ...] = ()


class Ended(NamedTuple):
    """A customer's last case that is closed."""

    kind: CaseKind
    closed_at: datetime
    close_reason: str
    level: int
    reasons: Sequence[Reason]


def call_for(heard: Heard, known: Known, ground: Ground) -> Call | None:
    """Say what a fact calls for; None where it calls for nothing."""
    if isinstance(heard, RiskTold):
        return _call_of_risk(heard, known, ground)
    if isinstance(heard, TierMoved):
        return _call_of_tier(heard, known, ground)
    return _call_of_leaving(heard, known, ground) if isinstance(heard, Switched) else None


def _call_of_risk(heard: RiskTold, known: Known, ground: Ground) -> Call | None:
    important = known.important or heard.value_class == IMPORTANT
    if heard.has_left or heard.level < opens_from(ground.desk, important=important) or is_gone(heard, known):
        return None
    due = due_at(heard.reasons, heard.tier, heard.occurred_at, ground)
    said = heard.level, heard.score, heard.tier, heard.value_class, heard.measures, heard.offers
    return Call("keep", heard.reasons, due, *said)


def _call_of_tier(heard: TierMoved, known: Known, ground: Ground) -> Call | None:
    if not ground.desk.tier_lost_calls or not is_tier_lost(heard) or is_gone(heard, known):
        return None
    says = {"from": heard.from_tier, "to": heard.to_tier, "why": heard.why}
    reason = Reason("tier_lost", heard.fact_id, heard.occurred_at, says)
    # Who was of the higher tier is treated as such: that is what is to be kept.
    return _call("keep", reason, heard.from_tier, known, ground)


def _call_of_leaving(heard: Switched, known: Known, ground: Ground) -> Call | None:
    is_last_word = known.left_at is not None and known.left_at <= heard.occurred_at
    if heard.is_on or not is_last_word or known.value_class not in ground.desk.win_back_classes:
        return None
    reason = Reason("left", heard.fact_id, heard.occurred_at, {"reason": heard.why})
    return _call("win_back", reason, known.tier, known, ground)


def _call(kind: CaseKind, reason: Reason, tier: str | None, known: Known, ground: Ground) -> Call:
    due = due_at((reason,), tier, reason.occurred_at, ground)
    fitting = tuple(name for name in row_of(ground.policy, known.value_class).measures if name not in known.measures)
    return Call(kind, (reason,), due, known.risk_level, known.risk_score, tier, known.value_class, fitting)


def is_gone(heard: Heard, known: Known) -> bool:
    """Tell whether the customer left after it, so that a lagging fact is of one who is gone."""
    return known.left_at is not None and heard.occurred_at <= known.left_at


def is_tier_lost(heard: TierMoved) -> bool:
    """Tell whether a tier was lost in a way that a call may mend."""
    return heard.direction == "down" and heard.why not in NO_LOSS


def opens_from(desk: DeskPolicy, *, important: bool) -> int:
    """Give the level of risk from which a case is opened."""
    return desk.important_risk_from if important else desk.risk_from


def is_timely(occurred_at: datetime, ground: Ground) -> bool:
    """Tell whether a fact may open a case still: what is caught up or rebuilt is no news."""
    return ground.now - occurred_at <= timedelta(days=ground.desk.act_within_days)


def due_hours(names: Iterable[str], tier: str | None, desk: DeskPolicy) -> int:
    """Give the hours to a call: those of the most urgent reason, else of the tier, else the others'."""
    hours = _hours_of(names, desk.due_hours) or _hours_of([tier or ""], desk.tier_due_hours)
    return hours or desk.other_due_hours


def _hours_of(names: Iterable[str], told: Sequence[Due]) -> int | None:
    hours = {due.name: due.hours for due in told}
    return min((hours[name] for name in names if name in hours), default=None)


def due_at(reasons: Sequence[Reason], tier: str | None, since: datetime, ground: Ground) -> datetime:
    """Give the instant by which the customer is to be called; quiet hours hold it up."""
    hours = due_hours((reason.name for reason in reasons), tier, ground.desk)
    return due_by_day(since + timedelta(hours=hours), ground.desk, ground.policies.calendar)


def urgent(reasons: Iterable[Reason], desk: DeskPolicy) -> list[Reason]:
    """Pick the reasons that have hours of their own."""
    names = {due.name for due in desk.due_hours}
    return [reason for reason in reasons if reason.name in names]


def leading(reasons: Sequence[Reason], desk: DeskPolicy) -> str:
    """Name the most urgent reason; between equals the first, which of a risk is the heaviest."""
    hours = {due.name: due.hours for due in desk.due_hours}
    return min(reasons, key=lambda reason: hours.get(reason.name, inf)).name if reasons else ""


def is_news(call: Call, level: int, reasons: Sequence[Reason], desk: DeskPolicy) -> bool:
    """Tell whether a call says more than was known: a higher level, or an urgent reason that was not there."""
    new = [each for each in urgent(call.reasons, desk) if not any(each.is_same(known) for known in reasons)]
    return call.level > level or bool(new)


def may_open(call: Call, heard: Heard, last: Ended | None, ground: Ground) -> bool:
    """Tell whether a call opens a case: it is no old news, and the customer does not rest after a result."""
    if not is_timely(heard.occurred_at, ground):
        return False
    if last is None or last.kind != call.kind or last.close_reason not in RESULTS:
        return True
    rests_until = last.closed_at + timedelta(days=ground.desk.rest_days)
    return heard.occurred_at >= rests_until or is_news(call, last.level, last.reasons, ground.desk)
