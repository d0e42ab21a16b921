"""The read model: what the topics say, a row a thing. All of it can be made anew from the topics."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from stream_app.console.store.base import Table
from stream_app.console.store.types import AnyJson, Instant

ID, NAME = String(64), String(256)


class Position(Table):
    """How far a topic's partition is read; facts from `acted_to` on call for action, those before it are old news."""

    __tablename__ = "positions"
    topic: Mapped[str] = mapped_column(NAME, primary_key=True)  # the contract's name
    partition: Mapped[int] = mapped_column(primary_key=True)
    read_to: Mapped[int] = mapped_column(BigInteger)
    acted_to: Mapped[int] = mapped_column(BigInteger)


class Customer(Table):
    """A customer as known now."""

    __tablename__ = "customers"
    __table_args__ = (
        Index("ix_customers_branch_level", "branch_id", "risk_level"),
        Index("ix_customers_balance", "balance_fen"),
    )
    subscriber_id: Mapped[str] = mapped_column(ID, primary_key=True)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)  # the latest fact or event
    branch_id: Mapped[str | None] = mapped_column(NAME)
    branch_at: Mapped[datetime | None] = mapped_column(Instant)  # when it was said last
    # tier-changes and month-closes
    tier: Mapped[str | None] = mapped_column(String(32))
    tier_at: Mapped[datetime | None] = mapped_column(Instant)
    official_tier: Mapped[str | None] = mapped_column(String(32))
    closed_month: Mapped[str | None] = mapped_column(String(7), index=True)  # the last closed one, YYYY-MM
    arpu_fen: Mapped[int] = mapped_column(BigInteger, default=0)  # of the window that ends in it
    value_class: Mapped[str] = mapped_column(String(32), default="none")
    dynamic: Mapped[bool] = mapped_column(default=False)
    important: Mapped[bool] = mapped_column(default=False)
    # churn-risk
    risk_level: Mapped[int] = mapped_column(default=0)  # 0 none, 1 watch, 2 high, 3 critical
    risk_score: Mapped[int] = mapped_column(default=0)
    risk_at: Mapped[datetime | None] = mapped_column(Instant)
    # subscriber-events
    plan: Mapped[str | None] = mapped_column(NAME)
    brand: Mapped[str | None] = mapped_column(NAME)
    customer_class: Mapped[str | None] = mapped_column(NAME)
    group_id: Mapped[str | None] = mapped_column(NAME)
    group_class: Mapped[str | None] = mapped_column(NAME)
    industry: Mapped[str | None] = mapped_column(NAME)
    language: Mapped[str | None] = mapped_column(NAME)
    joined_on: Mapped[date | None]
    profile_at: Mapped[datetime | None] = mapped_column(Instant)
    on_network: Mapped[bool] = mapped_column(default=True)
    network_at: Mapped[datetime | None] = mapped_column(Instant)  # when they came or left last
    # billing-events
    balance_fen: Mapped[int | None] = mapped_column(BigInteger)
    balance_at: Mapped[datetime | None] = mapped_column(Instant)


class MonthRow(Table):
    """A customer's closed month: the highest revision."""

    __tablename__ = "months"
    __table_args__ = (Index("ix_months_month_branch", "billing_month", "branch_id"),)
    subscriber_id: Mapped[str] = mapped_column(ID, primary_key=True)
    billing_month: Mapped[str] = mapped_column(String(7), primary_key=True)  # YYYY-MM
    revision: Mapped[int]
    branch_id: Mapped[str | None] = mapped_column(NAME)
    revenue_fen: Mapped[int] = mapped_column(BigInteger)
    billed: Mapped[bool]
    arpu_fen: Mapped[int] = mapped_column(BigInteger)
    official_tier: Mapped[str | None] = mapped_column(String(32))
    on_network: Mapped[bool]
    value_class: Mapped[str] = mapped_column(String(32))
    dynamic: Mapped[bool]
    important: Mapped[bool]
    assessed: Mapped[bool]
    tenure_months: Mapped[int | None]  # at the month's end, from joined_on
    measures: Mapped[int] = mapped_column(default=0)  # stabilising ones held at its end, so many
    usage: Mapped[list[dict[str, Any]]] = mapped_column(AnyJson)


class TierChange(Table):
    """A move between tiers, as the fact says it."""

    __tablename__ = "tier_changes"
    __table_args__ = (Index("ix_tier_changes_subscriber_at", "subscriber_id", "occurred_at"),)
    fact_id: Mapped[str] = mapped_column(ID, primary_key=True)
    subscriber_id: Mapped[str] = mapped_column(ID)
    occurred_at: Mapped[datetime] = mapped_column(Instant, index=True)
    branch_id: Mapped[str | None] = mapped_column(NAME)
    from_tier: Mapped[str | None] = mapped_column(String(32))
    to_tier: Mapped[str | None] = mapped_column(String(32))
    direction: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str] = mapped_column(String(16))
    provisional: Mapped[bool]
    arpu_fen: Mapped[int] = mapped_column(BigInteger)
    window: Mapped[list[dict[str, Any]]] = mapped_column(AnyJson)
    policy_version: Mapped[str] = mapped_column(NAME)


class RiskChange(Table):
    """A move between risk levels, as the fact says it."""

    __tablename__ = "risk_changes"
    __table_args__ = (Index("ix_risk_changes_subscriber_at", "subscriber_id", "occurred_at"),)
    fact_id: Mapped[str] = mapped_column(ID, primary_key=True)
    subscriber_id: Mapped[str] = mapped_column(ID)
    occurred_at: Mapped[datetime] = mapped_column(Instant, index=True)
    branch_id: Mapped[str | None] = mapped_column(NAME)
    from_level: Mapped[int]
    to_level: Mapped[int]
    score: Mapped[int]
    tier: Mapped[str | None] = mapped_column(String(32))
    value_class: Mapped[str] = mapped_column(String(32))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(AnyJson)
    protections: Mapped[list[dict[str, Any]]] = mapped_column(AnyJson)
    suggested_measures: Mapped[list[str]] = mapped_column(AnyJson)
    offers: Mapped[list[dict[str, Any]]] = mapped_column(AnyJson)
    channels: Mapped[list[str]] = mapped_column(AnyJson)
    policy_version: Mapped[str] = mapped_column(NAME)


class Outcome(Table):
    """Who left, or stayed, with what was seen in the months before."""

    __tablename__ = "outcomes"
    fact_id: Mapped[str] = mapped_column(ID, primary_key=True)
    subscriber_id: Mapped[str] = mapped_column(ID, index=True)
    left: Mapped[bool]
    outcome_on: Mapped[date] = mapped_column(index=True)
    weight: Mapped[int]
    value_class: Mapped[str] = mapped_column(String(32))
    branch_id: Mapped[str | None] = mapped_column(NAME)
    before: Mapped[list[dict[str, Any]]] = mapped_column(AnyJson)


class MeasureHeld(Table):
    """A measure or sticky service of a customer: its last enrolment, and when it ended."""

    __tablename__ = "measures"
    subscriber_id: Mapped[str] = mapped_column(ID, primary_key=True)
    measure: Mapped[str] = mapped_column(NAME, primary_key=True)
    enrolled_at: Mapped[datetime | None] = mapped_column(Instant)
    until_on: Mapped[date | None]  # the last day
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class MeasureChange(Table):
    """An enrolment in a measure or its end: who held what, when."""

    __tablename__ = "measure_changes"
    subscriber_id: Mapped[str] = mapped_column(ID, primary_key=True)
    measure: Mapped[str] = mapped_column(NAME, primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    enrolled: Mapped[bool] = mapped_column(primary_key=True)
    until_on: Mapped[date | None]  # the last day


class Sign(Table):
    """Something that a customer did which warns of leaving: a complaint, a contact with a competitor, a port-out."""

    __tablename__ = "signs"
    subscriber_id: Mapped[str] = mapped_column(ID, primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    kind: Mapped[str] = mapped_column(String(64), primary_key=True)  # an indicator's name, or "competitor"


class NetworkChange(Table):
    """An activation or a deactivation."""

    __tablename__ = "network_changes"
    subscriber_id: Mapped[str] = mapped_column(ID, primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    on_network: Mapped[bool] = mapped_column(primary_key=True)
    reason: Mapped[str | None] = mapped_column(String(1024))
