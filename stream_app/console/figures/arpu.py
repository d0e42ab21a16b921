"""How a closed month's ARPU is spread over the customers on the network, in bands that Prometheus can reckon with."""

from itertools import accumulate, pairwise

from sqlalchemy import ColumnElement, Connection, and_, func, select

from stream_app.console.figures.stored import Value, get, keys
from stream_app.console.store.read_tables import MonthRow

ARPU = "arpu"
FEN = 100
# Upper bounds in yuan. Most customers lie below 100; the tiers begin above.
BOUNDS_YUAN = (0, 10, 20, 30, 50, 80, 100, 150, 200, 300, 500, 800, 1500, 3000)


def arpu(connection: Connection, month: str) -> Value:
    """Count the customers on the network in each band, the last one open, and add up their ARPU."""
    columns = [func.count().filter(band) for band in _bands()]
    query = select(func.sum(MonthRow.arpu_fen), *columns).where(MonthRow.billing_month == month, MonthRow.on_network)
    total_fen, *heads = connection.execute(query).one()
    return {"heads": list(map(int, heads)), "arpu_fen": int(total_fen or 0)}


def latest_arpu(connection: Connection) -> Value | None:
    """Give the spread of the last month that was reckoned; None where there is none yet."""
    months = keys(connection, ARPU)
    return get(connection, ARPU, months[-1]) if months else None


def up_to_bounds(spread: Value) -> dict[str, int]:
    """Count the customers up to each bound, as a Prometheus histogram does: a bound belongs to its band."""
    names = [*map(str, BOUNDS_YUAN), "+Inf"]
    return dict(zip(names, accumulate(spread["heads"]), strict=True))


def _bands() -> list[ColumnElement[bool]]:
    fen, bounds = MonthRow.arpu_fen, [bound * FEN for bound in BOUNDS_YUAN]
    between = [and_(fen > low, fen <= high) for low, high in pairwise(bounds)]
    return [fen <= bounds[0], *between, fen > bounds[-1]]
