"""What the read model knows of customers, as the rules take it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, or_, select

from stream_app.console.desk import Desk
from stream_app.console.store.read_tables import Customer, MeasureHeld
from stream_app.core.desk.heard import Heard, Known

COLUMNS = (
    Customer.subscriber_id,
    Customer.important,
    Customer.tier,
    Customer.value_class,
    Customer.branch_id,
    Customer.arpu_fen,
    Customer.risk_level,
    Customer.risk_score,
    Customer.on_network,
    Customer.network_at,
)


class Knowledge(NamedTuple):
    """What is known of some customers."""

    known: dict[str, Known]

    def of(self, heard: Heard) -> Known:
        """Give what is known of the customer that something is heard of."""
        return self.known.get(heard.subscriber_id) or Known(branch_id=heard.branch_id)


def know(connection: Connection, desk: Desk, subscribers: Sequence[str]) -> Knowledge:
    """Look up customers."""
    held = _held(connection, desk, subscribers)
    found = connection.execute(select(*COLUMNS).where(Customer.subscriber_id.in_(subscribers))).mappings()
    return Knowledge({row["subscriber_id"]: _known(dict(row), held[row["subscriber_id"]]) for row in found})


def _known(row: dict[str, Any], measures: Sequence[str]) -> Known:
    del row["subscriber_id"]
    left_at = None if row.pop("on_network") else row["network_at"]
    del row["network_at"]
    return Known(**row, left_at=left_at, measures=measures)


def _held(connection: Connection, desk: Desk, subscribers: Sequence[str]) -> defaultdict[str, list[str]]:
    today = desk.policies.calendar.local_date(desk.now())
    query = select(MeasureHeld.subscriber_id, MeasureHeld.measure).where(
        MeasureHeld.subscriber_id.in_(subscribers),
        MeasureHeld.enrolled_at.is_not(None),
        MeasureHeld.ended_at.is_(None),
        or_(MeasureHeld.until_on.is_(None), MeasureHeld.until_on >= today),
    )
    measures = defaultdict[str, list[str]](list)
    for subscriber_id, measure in connection.execute(query):
        measures[subscriber_id].append(measure)
    return measures
