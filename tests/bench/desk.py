"""How fast the desk's read model takes records in, on both databases: `python -m tests.bench.desk`."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from stream_app.commands.common import load_policies
from stream_app.console.desk import Desk
from stream_app.console.readmodel.feeds import Record
from stream_app.console.readmodel.project import project
from stream_app.console.store.base import Table
from stream_app.console.store.database import open_engine, writing
from stream_app.core.policy import PolicySet
from tests.console.databases import running_postgres
from tests.console.moments import START
from tests.console.readmodel.records import Topics, in_batches

CUSTOMERS, AT_ONCE = 10_000, 2_000


def made_up() -> dict[str, list[Record]]:
    """Make records of each kind, for many customers."""
    topics, whose = Topics(), [f"s{number}" for number in range(CUSTOMERS)]
    return {
        "subscriber.activated": [
            topics.event("subscriber.activated", name, joined_on="2024-01-15", plan="p58", branch_id="north")
            for name in whose
        ],
        "month.closed": [topics.month(name, month) for month in ("2025-04", "2025-05") for name in whose],
        "tier.changed": [topics.tier(name, "C4") for name in whose],
        "churn_risk.changed": [topics.risk(name, "high") for name in whose],
        "balance.reported": [topics.event("balance.reported", name, balance_fen=5) for name in whose],
        "fee.charged": [topics.event("fee.charged", name, kind="plan", amount_fen=5) for name in whose],
        "measure.enrolled": [topics.event("measure.enrolled", name, measure="family_plan") for name in whose[:2_000]],
    }


def measure(desk: Desk, records: Sequence[Record]) -> float:
    """Project records in batches; give how many a second."""
    began = time.perf_counter()
    for batch in in_batches(records, AT_ONCE):
        with writing(desk.engine) as connection:
            project(connection, desk, batch)
    return len(records) / (time.perf_counter() - began)


def bench(url: str) -> None:
    """Measure each kind on a database."""
    engine = open_engine(url)
    Table.metadata.create_all(engine)
    desk = Desk(engine, PolicySet(load_policies([])), lambda: START)
    for kind, records in made_up().items():
        print(f"{engine.dialect.name:<11} {kind:<21} {measure(desk, records):>9,.0f} records/s")
    engine.dispose()


def main() -> None:
    """Measure on SQLite and PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        bench(f"sqlite:///{Path(folder) / 'desk.db'}")
    with running_postgres() as server, server.database() as url:
        bench(url)


if __name__ == "__main__":
    main()
