"""The desk's own records: managers, cases, results, the outbox, who was told what. No topic can bring them back."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from stream_app.console.store.base import Table
from stream_app.console.store.types import AnyJson, Instant, Serial

ID, NAME = String(64), String(256)


class User(Table):
    """Somebody who logs in; who has the role manager is a phone manager 电话经理, with a book."""

    __tablename__ = "users"
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    login: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(NAME)
    password_hash: Mapped[str | None] = mapped_column(String(256))  # argon2; None: by OIDC alone
    role: Mapped[str] = mapped_column(String(16), index=True)  # manager, supervisor, management, operations
    branch_id: Mapped[str | None] = mapped_column(NAME, index=True)  # None: all branches
    tiers: Mapped[list[str]] = mapped_column(AnyJson, default=list)  # skills; none: all tiers
    capacity_a_day: Mapped[int | None]  # None: the policy's
    absent_from: Mapped[date | None]
    absent_until: Mapped[date | None]  # the first day back
    is_active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    channels: Mapped[dict[str, Any]] = mapped_column(AnyJson, default=dict)  # addresses by channel
    created_at: Mapped[datetime] = mapped_column(Instant)


class Case(Table):
    """All that calls for action on one customer: three reasons, one call."""

    __tablename__ = "cases"
    __table_args__ = (
        # One that is not closed per customer, whatever two writers do at once.
        Index("uq_cases_one_at_a_time", "subscriber_id", unique=True, sqlite_where=text("state <> 'closed'"),
              postgresql_where=text("state <> 'closed'")),
        Index("ix_cases_manager_state_due", "manager_id", "state", "due_at"),
        Index("ix_cases_branch_state_due", "branch_id", "state", "due_at"),
        Index("ix_cases_subscriber_opened", "subscriber_id", "opened_at"),
    )  # fmt: skip
    case_id: Mapped[str] = mapped_column(ID, primary_key=True)  # from the fact that opened it
    subscriber_id: Mapped[str] = mapped_column(ID)
    branch_id: Mapped[str | None] = mapped_column(NAME)
    kind: Mapped[str] = mapped_column(String(16))  # keep, win_back
    # open: to be called; waiting: a measure was accepted, its enrolment is awaited; held_out: no task, to measure
    # against; closed
    state: Mapped[str] = mapped_column(String(16), index=True)
    opened_at: Mapped[datetime] = mapped_column(Instant, index=True)
    due_at: Mapped[datetime] = mapped_column(Instant)
    not_before_at: Mapped[datetime | None] = mapped_column(Instant)  # a follow-up or another try
    level: Mapped[int]  # of risk, the highest so far
    score: Mapped[int]
    tier: Mapped[str | None] = mapped_column(String(32))  # as it opened
    value_class: Mapped[str] = mapped_column(String(32))
    arpu_fen: Mapped[int] = mapped_column(BigInteger)  # as it opened
    leading: Mapped[str] = mapped_column(String(64))  # the most urgent reason
    # called, held_out, exempt (never in the draw): drawn as it opened, and kept, so that like is compared with like
    arm: Mapped[str] = mapped_column(String(16), default="exempt")
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(AnyJson)  # each: fact_id, kind, occurred_at, and what it says
    suggested_measures: Mapped[list[str]] = mapped_column(AnyJson)
    offers: Mapped[list[dict[str, Any]]] = mapped_column(AnyJson)
    manager_id: Mapped[str | None] = mapped_column(ForeignKey("users.user_id"))
    assigned_at: Mapped[datetime | None] = mapped_column(Instant)
    escalated_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None] = mapped_column(String(16))  # of the last contact
    measure: Mapped[str | None] = mapped_column(NAME)  # the one accepted
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    # accepted, refused, cleared (no reason is left), left, returned (won back), unreachable, lapsed
    close_reason: Mapped[str | None] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=0)  # up with each change: pages show it anew, a stale form is refused


class ActedFact(Table):
    """A fact or event that was acted on: acted on again, it changes nothing."""

    __tablename__ = "acted_facts"
    fact_id: Mapped[str] = mapped_column(ID, primary_key=True)
    subscriber_id: Mapped[str] = mapped_column(ID)
    case_id: Mapped[str | None] = mapped_column(ID, index=True)  # the one case that it is in; None: it called for none
    occurred_at: Mapped[datetime] = mapped_column(Instant, index=True)


class CaseEvent(Table):
    """What happened to a case, for its page and for whoever takes it over."""

    __tablename__ = "case_events"
    event_no: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.case_id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[str | None] = mapped_column(ID)  # None: the desk itself
    # opened, reason, assigned, handed_over, escalated, contacted, note, held_out, due, closed
    kind: Mapped[str] = mapped_column(String(16))
    detail: Mapped[dict[str, Any]] = mapped_column(AnyJson, default=dict)
    note: Mapped[str] = mapped_column(Text, default="")


class Contact(Table):
    """A call and its result, as published on task-results."""

    __tablename__ = "contacts"
    __table_args__ = (Index("ix_contacts_subscriber_at", "subscriber_id", "at"),)
    event_id: Mapped[str] = mapped_column(ID, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.case_id"), index=True)
    subscriber_id: Mapped[str] = mapped_column(ID)
    user_id: Mapped[str] = mapped_column(ID, index=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    outcome: Mapped[str] = mapped_column(String(16))
    measure: Mapped[str | None] = mapped_column(NAME)
    reason: Mapped[str | None] = mapped_column(NAME)
    competitor_offer: Mapped[str | None] = mapped_column(NAME)
    script_id: Mapped[str | None] = mapped_column(ID)  # the script that was used


class OutboxRecord(Table):
    """A record to publish on Kafka: written in the transaction that made it, gone out once `sent_at` stands."""

    __tablename__ = "outbox"
    record_no: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(NAME)  # the contract's name
    key: Mapped[str] = mapped_column(ID)
    value: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant, index=True)


class Book(Table):
    """Whose customer somebody is: the manager who has them, for continuity, and whether they may be called."""

    __tablename__ = "books"
    subscriber_id: Mapped[str] = mapped_column(ID, primary_key=True)
    manager_id: Mapped[str | None] = mapped_column(ForeignKey("users.user_id"), index=True)
    since_at: Mapped[datetime | None] = mapped_column(Instant)
    do_not_call: Mapped[bool] = mapped_column(default=False)
    do_not_call_note: Mapped[str] = mapped_column(Text, default="")


class Script(Table):
    """What worked, shared: words for a measure, by whom, and how often they were used with success."""

    __tablename__ = "scripts"
    script_id: Mapped[str] = mapped_column(ID, primary_key=True)
    measure: Mapped[str] = mapped_column(NAME, index=True)
    title: Mapped[str] = mapped_column(NAME)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    user_id: Mapped[str | None] = mapped_column(ID)
    made_at: Mapped[datetime] = mapped_column(Instant)
    is_shared: Mapped[bool] = mapped_column(default=True)


class Delivery(Table):
    """Something to tell somebody through a channel, and what became of it: the log of who was told what."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_state_after", "state", "send_after_at"),)
    delivery_id: Mapped[str] = mapped_column(ID, primary_key=True)  # the same when made again: told once
    channel: Mapped[str] = mapped_column(String(64))  # a name of the channels' file
    user_id: Mapped[str | None] = mapped_column(ID, index=True)
    address: Mapped[str] = mapped_column(NAME, default="")
    template: Mapped[str] = mapped_column(String(64))
    subject: Mapped[dict[str, Any]] = mapped_column(AnyJson)  # what the template is filled with
    made_at: Mapped[datetime] = mapped_column(Instant)
    send_after_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(16))  # waiting, sent, digested, dead
    digest_id: Mapped[str | None] = mapped_column(ID)  # the delivery that told it in its place
    tries: Mapped[int] = mapped_column(default=0)
    tried: Mapped[list[dict[str, Any]]] = mapped_column(AnyJson, default=list)  # each try: at, and what came of it
    # By the machine's clock, whatever clock the desk goes by: receivers count and wait by theirs.
    tried_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    retry_at: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(Text, default="")


class Figure(Table):
    """A figure reckoned once and shown often, such as a day's counts or a month's concentration."""

    __tablename__ = "figures"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)  # a day, a month, a cohort
    reckoned_at: Mapped[datetime] = mapped_column(Instant)
    value: Mapped[dict[str, Any]] = mapped_column(AnyJson)


class Cohort(Table):
    """A snapshot cohort 拍照客户: who was mid-to-high-end as a day began."""

    __tablename__ = "cohorts"
    cohort: Mapped[str] = mapped_column(String(64), primary_key=True)
    taken_on: Mapped[date] = mapped_column(index=True)
    frozen_at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[str | None] = mapped_column(ID)  # None: the desk itself, as a month or year began
    heads: Mapped[int]


class CohortMember(Table):
    """A member of a snapshot cohort 拍照客户: frozen on its day."""

    __tablename__ = "cohort_members"
    cohort: Mapped[str] = mapped_column(String(64), primary_key=True)
    subscriber_id: Mapped[str] = mapped_column(ID, primary_key=True)
    branch_id: Mapped[str | None] = mapped_column(NAME)
    tier: Mapped[str | None] = mapped_column(String(32))
    value_class: Mapped[str] = mapped_column(String(32))
    tenure_months: Mapped[int | None]
    measures: Mapped[list[str]] = mapped_column(AnyJson)
    arpu_fen: Mapped[int] = mapped_column(BigInteger)
