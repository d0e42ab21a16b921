"""Reading the rows that a batch touches, a statement for many customers."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, func, select

from stream_app.console.readmodel.customers import CustomerRow
from stream_app.console.readmodel.past import Change, Changes, Row
from stream_app.console.store.read_tables import Customer, MeasureChange, MeasureHeld, MonthRow, NetworkChange

AT_ONCE = 1000  # ids in a statement
MonthKey = tuple[str, str]


def customers(connection: Connection, ids: Collection[str]) -> dict[str, CustomerRow]:
    """Read customers' rows, by id."""
    found: dict[str, CustomerRow] = {}
    for some in _portions(ids):
        rows = connection.execute(select(Customer.__table__).where(Customer.subscriber_id.in_(some))).mappings()
        found |= {row["subscriber_id"]: dict(row) for row in rows}
    return found


def changes(connection: Connection, ids: Collection[str]) -> dict[str, Changes]:
    """Read the changes of measures, by customer and measure."""
    found: dict[str, dict[str, list[Change]]] = defaultdict(lambda: defaultdict(list))
    known = MeasureChange
    wanted = select(known.subscriber_id, known.measure, known.occurred_at, known.enrolled, known.until_on)
    for some in _portions(ids):
        for row in connection.execute(wanted.where(known.subscriber_id.in_(some))):
            found[row.subscriber_id][row.measure].append(Change(row.occurred_at, row.enrolled, row.until_on))
    return {whose: dict(by_measure) for whose, by_measure in found.items()}


def held(connection: Connection, ids: Collection[str]) -> dict[tuple[str, str], Row]:
    """Read the rows of measures, by customer and measure."""
    found: dict[tuple[str, str], Row] = {}
    for some in _portions(ids):
        rows = connection.execute(select(MeasureHeld.__table__).where(MeasureHeld.subscriber_id.in_(some))).mappings()
        found |= {(row["subscriber_id"], row["measure"]): dict(row) for row in rows}
    return found


def first_activations(connection: Connection, ids: Collection[str]) -> dict[str, datetime]:
    """Read when customers came to the network first, as far as known."""
    found: dict[str, datetime] = {}
    known = NetworkChange
    first = func.min(known.occurred_at).label("at")
    wanted = select(known.subscriber_id, first).where(known.on_network)
    for some in _portions(ids):
        rows = connection.execute(wanted.where(known.subscriber_id.in_(some)).group_by(known.subscriber_id))
        found |= {row.subscriber_id: row.at for row in rows}
    return found


def months(
    connection: Connection, ids: Collection[str], names: Collection[str] | None = None
) -> dict[MonthKey, tuple[int, int | None, int]]:
    """Read of customers' closed months, all or those named, the revision, the tenure and the measures."""
    found: dict[MonthKey, tuple[int, int | None, int]] = {}
    known = MonthRow
    wanted = select(known.subscriber_id, known.billing_month, known.revision, known.tenure_months, known.measures)
    if names is not None:
        wanted = wanted.where(known.billing_month.in_(sorted(names)))
    for some in _portions(ids):
        rows = connection.execute(wanted.where(known.subscriber_id.in_(some)))
        found |= {(whose, month): (revision, tenure, count) for whose, month, revision, tenure, count in rows}
    return found


def _portions(ids: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
