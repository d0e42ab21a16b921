"""What a customer's row says: each column from its topic, as the engine itself takes the records (CONTRACTS section 4).

Pure: a row is a dict of all columns, changed in place. Within a topic the records of a customer come in the order in
which the engine stated or worked them; between topics no order counts, so no two topics write the same column, but
`branch_id` and `seen_at`, where the later instant wins.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from stream_app.console.readmodel.feeds import Read
from stream_app.console.readmodel.said import MonthSaid, RiskSaid, TierSaid
from stream_app.console.store.read_tables import Customer
from stream_app.core.events import BalanceReported, SubscriberActivated, SubscriberDeactivated, SubscriberUpdated
from stream_app.core.state import LEVELS

CustomerRow = dict[str, Any]
DEFAULTS: Mapping[str, Any] = {
    column.name: None if column.default is None else column.default.arg for column in Customer.__table__.columns
}


def new_customer(subscriber_id: str) -> CustomerRow:
    """Give the row of a customer of whom nothing is known."""
    return {**DEFAULTS, "subscriber_id": subscriber_id}


def take_in(row: CustomerRow, said: Read) -> None:
    """Have a row say what a fact or an event says."""
    row["seen_at"] = max(row["seen_at"] or said.occurred_at, said.occurred_at)
    _move_branch(row, said.occurred_at, getattr(said, "branch_id", None))
    effect = _EFFECTS.get(type(said))
    if effect is not None:
        effect(row, said)


def _move_branch(row: CustomerRow, at: datetime, branch_id: str | None) -> None:
    """Facts say the branch for ever, profiles as long as their topic is kept: whoever said it last is right."""
    if branch_id is None:
        return
    known_at = row["branch_at"]
    if known_at is None or (at, branch_id) > (known_at, row["branch_id"] or ""):
        row["branch_id"], row["branch_at"] = branch_id, at


def _tier(row: CustomerRow, said: TierSaid) -> None:
    row["tier"], row["tier_at"] = said.to_tier, said.occurred_at  # a correction's instant may lie before the last one's


def _month(row: CustomerRow, said: MonthSaid) -> None:
    if said.billing_month < (row["closed_month"] or ""):
        return
    row["closed_month"] = said.billing_month
    row["official_tier"], row["arpu_fen"] = said.official_tier, said.arpu_fen
    row["value_class"] = said.value_class or "none"
    row["dynamic"], row["important"] = bool(said.dynamic), bool(said.important)


def _risk(row: CustomerRow, said: RiskSaid) -> None:
    row["risk_level"], row["risk_score"] = LEVELS.index(said.to_level), said.score
    row["risk_at"] = said.occurred_at


def _profile(row: CustomerRow, event: SubscriberActivated | SubscriberUpdated) -> None:
    told: dict[str, str | date] = {name: text for name, text in event.profile.items() if name != "branch_id"}
    if "joined_on" in told:
        told["joined_on"] = date.fromisoformat(event.profile["joined_on"])
    if row["profile_at"] is None or event.occurred_at >= row["profile_at"]:
        row.update(told)
        row["profile_at"] = event.occurred_at
    else:  # an older record only fills what is still unknown
        row.update({name: value for name, value in told.items() if row[name] is None})
    _move_branch(row, event.occurred_at, event.profile.get("branch_id"))


def _activation(row: CustomerRow, event: SubscriberActivated) -> None:
    _switch(row, event.occurred_at, on=True)
    _profile(row, event)


def _deactivation(row: CustomerRow, event: SubscriberDeactivated) -> None:
    _switch(row, event.occurred_at, on=False)


def _switch(row: CustomerRow, at: datetime, *, on: bool) -> None:
    known_at = row["network_at"]
    if known_at is None or (at, on) >= (known_at, row["on_network"]):  # at equal instants activation wins
        row["on_network"], row["network_at"] = on, at


def _balance(row: CustomerRow, event: BalanceReported) -> None:
    if row["balance_at"] is None or event.occurred_at >= row["balance_at"]:
        row["balance_fen"], row["balance_at"] = event.balance_fen, event.occurred_at


_EFFECTS: Mapping[type, Callable[[CustomerRow, Any], None]] = {
    TierSaid: _tier,
    MonthSaid: _month,
    RiskSaid: _risk,
    SubscriberActivated: _activation,
    SubscriberUpdated: _profile,
    SubscriberDeactivated: _deactivation,
    BalanceReported: _balance,
}
