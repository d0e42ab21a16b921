"""Facts as rows: a fact a row, never changed again."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from stream_app.console.readmodel.said import MonthSaid, OutcomeSaid, RiskSaid, Said, TierSaid
from stream_app.console.store.base import Table
from stream_app.console.store.read_tables import Outcome, RiskChange, TierChange
from stream_app.core.state import LEVELS

Row = dict[str, Any]


class Kept(NamedTuple):
    """Where a kind of fact is kept, and as what row."""

    table: type[Table]
    row: Callable[[Any], Row]


def _common(said: Said) -> Row:
    return {"fact_id": said.fact_id, "subscriber_id": said.subscriber_id, "branch_id": said.branch_id}


def _tier_row(said: TierSaid) -> Row:
    return _common(said) | {
        "occurred_at": said.occurred_at,
        "from_tier": said.from_tier,
        "to_tier": said.to_tier,
        "direction": said.direction,
        "reason": said.reason,
        "provisional": said.provisional,
        "arpu_fen": said.arpu_fen,
        "window": said.window,
        "policy_version": said.policy_version,
    }


def _risk_row(said: RiskSaid) -> Row:
    return _common(said) | {
        "occurred_at": said.occurred_at,
        "from_level": LEVELS.index(said.from_level),
        "to_level": LEVELS.index(said.to_level),
        "score": said.score,
        "tier": said.tier,
        "value_class": said.value_class,
        "reasons": said.reasons,
        "protections": said.protections,
        "suggested_measures": said.suggested_measures,
        "offers": said.offers,
        "channels": said.channels,
        "policy_version": said.policy_version,
    }


def _outcome_row(said: OutcomeSaid) -> Row:
    return _common(said) | {
        "left": said.left,
        "outcome_on": said.outcome_on,
        "weight": said.weight,
        "value_class": said.value_class,
        "before": said.before,
    }


def month_row(said: MonthSaid) -> Row:
    """Give the row of a closed month, without what it owes to the customer's past."""
    return {
        "subscriber_id": said.subscriber_id,
        "billing_month": said.billing_month,
        "revision": said.revision,
        "branch_id": said.branch_id,
        "revenue_fen": said.revenue_fen,
        "billed": said.billed,
        "arpu_fen": said.arpu_fen,
        "official_tier": said.official_tier,
        "on_network": said.on_network,
        "value_class": said.value_class or "none",
        "dynamic": bool(said.dynamic),
        "important": bool(said.important),
        "assessed": bool(said.assessed),
        "usage": said.usage,
    }


KEPT: Mapping[type[Said], Kept] = {
    TierSaid: Kept(TierChange, _tier_row),
    RiskSaid: Kept(RiskChange, _risk_row),
    OutcomeSaid: Kept(Outcome, _outcome_row),
}
