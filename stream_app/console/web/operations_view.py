"""What operations see: feeds and how far behind they are, the outbox, who was told what, users, the audit log."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import Connection, Select, and_, func, select

from stream_app.console.figures.grouping import Rows
from stream_app.console.letters import Shown
from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.read_tables import Customer, Position
from stream_app.console.store.work_tables import Delivery, OutboxRecord, User

PAGE_ROWS = 100
LETTER_SENT = "letter_sent_back"
STATES = ("waiting", "sent", "digested", "dead")


class Feed(NamedTuple):
    """A partition of a topic: how far it is read, and where it ends, where that is known."""

    topic: str
    partition: int
    read_to: int
    records_behind: int | None


class State(NamedTuple):
    """How the desk's pipes stand."""

    feeds: Sequence[Feed]
    records_behind: int | None  # in all, of the topics whose ends are known; None where none is
    last_seen_at: datetime | None  # of the latest fact or event
    age_seconds: int | None  # of that: it grows while nothing is sent, too, and is no lag
    outbox_waiting: int
    outbox_oldest_at: datetime | None
    deliveries: Sequence[tuple[str, str, int]]  # channel, state, count


class Filter(BaseModel):
    """What of a log is asked for."""

    state: Annotated[str, Query(max_length=16)] = ""
    channel: Annotated[str, Query(max_length=64)] = ""
    user: Annotated[str, Query(max_length=100)] = ""
    action: Annotated[str, Query(max_length=64)] = ""
    customer: Annotated[str, Query(max_length=64)] = ""
    reason: Annotated[str, Query(max_length=64)] = ""
    before: Annotated[str, Query(max_length=20)] = ""

    @property
    def before_no(self) -> int | None:
        """Give the entry before which to go on; None for the newest."""
        return int(self.before) if self.before.isascii() and self.before.isdecimal() else None


def read_state(connection: Connection, lags: Sequence[Any], now: datetime) -> State:
    """Read how feeds, outbox and channels stand."""
    waiting, oldest = connection.execute(
        select(func.count(), func.min(OutboxRecord.made_at)).where(OutboxRecord.sent_at.is_(None))
    ).one()
    seen_at = connection.scalar(select(func.max(Customer.seen_at)))
    counted = select(Delivery.channel, Delivery.state, func.count()).group_by(Delivery.channel, Delivery.state)
    feeds = _feeds(connection, lags)
    behind = [feed.records_behind for feed in feeds if feed.records_behind is not None]
    return State(
        feeds,
        sum(behind) if behind else None,
        seen_at,
        None if seen_at is None else max(0, int((now - seen_at).total_seconds())),
        waiting,
        oldest,
        sorted((channel, state, heads) for channel, state, heads in connection.execute(counted)),
    )


def _feeds(connection: Connection, lags: Sequence[Any]) -> list[Feed]:
    behind = {(lag.topic, lag.partition): lag.records for lag in lags}
    query = select(Position.topic, Position.partition, Position.read_to)
    read = {(topic, partition): read_to for topic, partition, read_to in connection.execute(query)}
    return [Feed(*place, read.get(place, 0), behind.get(place)) for place in sorted({*read, *behind})]


def read_deliveries(connection: Connection, wanted: Filter) -> Sequence[Any]:
    """List who was told what, the newest first."""
    columns = (
        Delivery.delivery_id,
        Delivery.channel,
        Delivery.template,
        Delivery.state,
        Delivery.tries,
        Delivery.made_at,
        Delivery.sent_at,
        Delivery.error,
        User.login,
        User.name,
    )
    query = select(*columns).outerjoin(User, User.user_id == Delivery.user_id)
    if wanted.state in STATES:
        query = query.where(Delivery.state == wanted.state)
    if wanted.channel:
        query = query.where(Delivery.channel == wanted.channel)
    if wanted.user:
        query = query.where(User.login == wanted.user)
    return connection.execute(query.order_by(Delivery.made_at.desc(), Delivery.delivery_id).limit(PAGE_ROWS)).all()


def read_channels(connection: Connection) -> list[str]:
    """Name the channels that something was sent through."""
    return sorted(connection.scalars(select(Delivery.channel).distinct()))


def read_users(connection: Connection) -> Sequence[Any]:
    """List everybody who can log in, without their passwords' hashes and addresses."""
    columns = (
        User.login,
        User.name,
        User.role,
        User.branch_id,
        User.tiers,
        User.capacity_a_day,
        User.absent_from,
        User.absent_until,
        User.is_active,
        User.language,
    )
    return connection.execute(select(*columns).order_by(User.role, User.branch_id, User.login)).all()


def read_audit(connection: Connection, wanted: Filter) -> Sequence[Any]:
    """List who looked at or did what, the newest first."""
    columns = (
        AuditEntry.entry_no,
        AuditEntry.at,
        AuditEntry.action,
        AuditEntry.subscriber_id,
        AuditEntry.detail,
        User.login,
    )
    query = _filtered(select(*columns).outerjoin(User, User.user_id == AuditEntry.user_id), wanted)
    return connection.execute(query.order_by(AuditEntry.entry_no.desc()).limit(PAGE_ROWS)).all()


def _filtered(query: Rows, wanted: Filter) -> Rows:
    given = (
        (User.login == wanted.user, wanted.user),
        (AuditEntry.action == wanted.action, wanted.action),
        (AuditEntry.subscriber_id == wanted.customer, wanted.customer),
        (AuditEntry.entry_no < (wanted.before_no or 0), wanted.before_no is not None),
    )
    return query.where(and_(True, *(condition for condition, is_wanted in given if is_wanted)))  # noqa: FBT003 - SQL


def read_actions(connection: Connection) -> list[str]:
    """Name the actions that the audit log holds."""
    return sorted(connection.scalars(select(AuditEntry.action).distinct()))


def sent_back_here(connection: Connection, letters: Collection[Shown]) -> set[str]:
    """Name the places of the letters that were sent back from these pages."""
    if not letters:
        return set()
    query: Select[dict[str, Any]] = select(AuditEntry.detail).where(AuditEntry.action == LETTER_SENT)
    return {str(detail.get("place")) for detail in connection.scalars(query)} & {each.place for each in letters}
