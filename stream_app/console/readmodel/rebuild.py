"""Making the read model anew: its rows go, everything is read again, and nobody is told.

`acted_to` stays where it is, so what was news once is none again; cases, results and messages are left alone. Feeds are
kept for some days only (retention): what a topic has lost can't be read again, so what was read of it stays.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, tuple_, update

from stream_app.console.readmodel import positions
from stream_app.console.readmodel.customers import DEFAULTS
from stream_app.console.readmodel.positions import Place, Standing
from stream_app.console.store.base import Table
from stream_app.console.store.read_tables import (
    Customer,
    MeasureChange,
    MeasureHeld,
    MonthRow,
    NetworkChange,
    Outcome,
    Position,
    RiskChange,
    Sign,
    TierChange,
)
from stream_app.core.events import BILLING_TOPIC, SUBSCRIBER_TOPIC
from stream_app.core.facts import ChurnOutcomeRecorded, ChurnRiskChanged, MonthClosed, TierChanged
from stream_app.core.state import TRAITS


class Makes(NamedTuple):
    """What is made of a topic: tables, and columns of customers."""

    tables: tuple[type[Table], ...]
    columns: tuple[str, ...]


_BOTH = ("branch_id",)  # said by facts and by profiles: the latest word stays, whatever is read again
MADE_OF: Mapping[str, Makes] = {
    TierChanged.topic: Makes((TierChange,), ("tier", "tier_at")),
    ChurnRiskChanged.topic: Makes((RiskChange,), ("risk_level", "risk_score", "risk_at")),
    MonthClosed.topic: Makes(
        (MonthRow,), ("official_tier", "closed_month", "arpu_fen", "value_class", "dynamic", "important")
    ),
    ChurnOutcomeRecorded.topic: Makes((Outcome,), ()),
    SUBSCRIBER_TOPIC: Makes(
        (MeasureChange, MeasureHeld, NetworkChange, Sign),
        (*(name for name in TRAITS if name not in _BOTH), "profile_at", "on_network", "network_at"),
    ),
    BILLING_TOPIC: Makes((), ("balance_fen", "balance_at")),
}
READ_MODEL: tuple[type[Table], ...] = (Customer, *(table for makes in MADE_OF.values() for table in makes.tables))
NOTHING_LOST: Mapping[Place, int] = {}


def rebuild(
    connection: Connection,
    ends: Mapping[Place, int],
    beginnings: Mapping[Place, int] = NOTHING_LOST,
    *,
    all_is_known: bool = False,
) -> Collection[str]:
    """Empty the read model, to be read again from the `beginnings` of the topics, which end at `ends` now.

    Give the topics that have lost records, so that what was read of them stays. A topic that ends before `acted_to`
    was made anew: from its end on, its records are news. With `all_is_known` nothing before the ends is news: these
    are the topics of another cluster, whose facts say again, by other ids, what the old ones said.
    """
    standings = positions.standings(connection)
    kept = {place.topic for place, first in beginnings.items() if first and _read_to(standings, place)}
    for topic, makes in MADE_OF.items():
        for table in makes.tables if topic not in kept else ():
            connection.execute(delete(table))
    _empty_customers(connection, kept)
    if all_is_known:
        connection.execute(delete(Position))
        positions.put(connection, {place: Standing(beginnings.get(place, 0), end) for place, end in ends.items()})
        return kept
    again = [place for place in standings if place.topic not in kept]
    connection.execute(delete(Position).where(tuple_(Position.topic, Position.partition).in_(again)))
    begun = {place: Standing(0, min(standings[place].acted_to, ends[place])) for place in again if place in ends}
    positions.put(connection, begun)
    return kept


def _read_to(standings: positions.Standings, place: Place) -> int:
    return standings.get(place, positions.UNREAD).read_to


def _empty_customers(connection: Connection, kept: Collection[str]) -> None:
    if not kept:
        connection.execute(delete(Customer))
        return
    emptied = [name for topic, makes in MADE_OF.items() if topic not in kept for name in makes.columns]
    values: dict[str, Any] = {name: DEFAULTS[name] for name in emptied}
    connection.execute(update(Customer).values(values))
