"""Writing what a batch says: facts as they are, and the rows that they and the events change."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from stream_app.console.desk import Desk
from stream_app.console.readmodel import customers, loading, past
from stream_app.console.readmodel.customers import CustomerRow
from stream_app.console.readmodel.fact_rows import KEPT, Row
from stream_app.console.readmodel.feeds import Read
from stream_app.console.readmodel.months import Months
from stream_app.console.readmodel.past import Change, Changes
from stream_app.console.readmodel.said import MonthSaid
from stream_app.console.store.base import Table
from stream_app.console.store.database import upsert
from stream_app.console.store.read_tables import Customer, MeasureChange, MeasureHeld, NetworkChange, Sign
from stream_app.core.events import (
    CompetitorContacted,
    ComplaintFiled,
    MeasureEnded,
    MeasureEnrolled,
    PortoutRequested,
    SubscriberActivated,
    SubscriberDeactivated,
)

T = TypeVar("T")


def write(connection: Connection, desk: Desk, said: Sequence[Read]) -> None:
    """Write all that facts and events say, in their order."""
    for kind, kept in KEPT.items():
        facts = {fact.fact_id: kept.row(fact) for fact in _of(said, kind)}
        upsert(connection, kept.table, list(facts.values()), keep=_columns(kept.table))
    rows, restated = _write_customers(connection, said)
    _write_network(connection, _of(said, SubscriberActivated, SubscriberDeactivated))
    _write_signs(connection, _of(said, ComplaintFiled, CompetitorContacted, PortoutRequested))
    restated |= _write_measures(connection, _of(said, MeasureEnrolled, MeasureEnded))
    Months(connection, desk, rows).write(_of(said, MonthSaid), restated)


def _of(said: Iterable[Read], *kinds: type[T]) -> list[T]:
    return [each for each in said if isinstance(each, kinds)]


def _columns(table: type[Table]) -> Sequence[str]:
    return [column.name for column in table.__table__.columns]


def _write_customers(connection: Connection, said: Sequence[Read]) -> tuple[Mapping[str, CustomerRow], set[str]]:
    """Give the rows, and whose day of joining may have come to be known."""
    rows = loading.customers(connection, {each.subscriber_id for each in said})
    joined_on = {whose: row["joined_on"] for whose, row in rows.items()}
    for each in said:
        whose = each.subscriber_id
        customers.take_in(rows.setdefault(whose, customers.new_customer(whose)), each)
    upsert(connection, Customer, list(rows.values()))
    activated = {event.subscriber_id for event in _of(said, SubscriberActivated)}
    return rows, activated.union(whose for whose, row in rows.items() if row["joined_on"] != joined_on.get(whose))


def _write_network(connection: Connection, events: Sequence[SubscriberActivated | SubscriberDeactivated]) -> None:
    changes: dict[tuple[object, ...], Row] = {}
    for event in events:
        on = isinstance(event, SubscriberActivated)
        changes[event.subscriber_id, event.occurred_at, on] = {
            "subscriber_id": event.subscriber_id,
            "occurred_at": event.occurred_at,
            "on_network": on,
            "reason": None if isinstance(event, SubscriberActivated) else event.reason,
        }
    upsert(connection, NetworkChange, list(changes.values()))


def _write_signs(
    connection: Connection, events: Sequence[ComplaintFiled | CompetitorContacted | PortoutRequested]
) -> None:
    signs = {(event.subscriber_id, event.occurred_at, _sign(event)) for event in events}
    names = ("subscriber_id", "occurred_at", "kind")
    upsert(connection, Sign, [dict(zip(names, sign, strict=True)) for sign in sorted(signs)])


def _sign(event: ComplaintFiled | CompetitorContacted | PortoutRequested) -> str:
    """Name it as the indicator that counts it, where one does."""
    if isinstance(event, ComplaintFiled):
        return "complaints_escalated" if event.severity == "escalated" else "complaints"
    if isinstance(event, CompetitorContacted):
        return {"hotline_call": "hotline_calls", "call_forwarding": "call_forwarding"}.get(event.kind, "competitor")
    return "portout"


def _write_measures(connection: Connection, events: Sequence[MeasureEnrolled | MeasureEnded]) -> set[str]:
    """Give whose measures changed; an event that came before changes nothing, as the engine drops it too."""
    whose = {event.subscriber_id for event in events}
    known = {key: set(changes) for key, changes in _by_measure(loading.changes(connection, whose))}
    held, changed = loading.held(connection, whose), dict[tuple[object, ...], Row]()
    for event in events:
        key, change = (event.subscriber_id, event.measure), past.change_of(event)
        if change not in known.setdefault(key, set()):
            known[key].add(change)
            past.take_in(held.setdefault(key, _not_held(*key)), event)
            changed[*key, change.occurred_at, change.enrolled] = _key_row(*key) | change._asdict()
    upsert(connection, MeasureChange, list(changed.values()))
    upsert(connection, MeasureHeld, list(held.values()))
    return whose


def _by_measure(changes: Mapping[str, Changes]) -> Iterable[tuple[tuple[str, str], Sequence[Change]]]:
    return (((whose, name), found) for whose, of in changes.items() for name, found in of.items())


def _key_row(subscriber_id: str, measure: str) -> Row:
    return {"subscriber_id": subscriber_id, "measure": measure}


def _not_held(subscriber_id: str, measure: str) -> Row:
    return _key_row(subscriber_id, measure) | {"enrolled_at": None, "until_on": None, "ended_at": None}
