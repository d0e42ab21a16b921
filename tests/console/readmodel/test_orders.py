"""In whatever order the topics are read, cut and cut again, the rows are the same."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.commands.common import load_policies
from stream_app.console.desk import Desk
from stream_app.console.readmodel.feeds import Record
from stream_app.console.readmodel.rebuild import rebuild
from stream_app.console.store.database import open_engine, writing
from stream_app.core.policy import PolicySet
from tests.console.moments import SetClock
from tests.console.readmodel.reading import all_rows, take
from tests.console.readmodel.records import FACT_TOPIC, Topics, in_batches, later

WHOSE = st.sampled_from("ab")
HOURS = st.integers(-80 * 24, 48)
NOTHING = ""
BRANCH = st.sampled_from([NOTHING, "north", "south"])
MONTHS = st.sampled_from(["2025-03", "2025-04", "2025-05"])
UNTIL = st.sampled_from([NOTHING, "2025-04-30", "2025-05-31", "2026-01-01"])
MEASURES = st.sampled_from(["family_plan", "deposit_gift", "mailbox"])


def _makes(kind: str, **parts: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Draw the fields of a kind of record; what is drawn as nothing is left out."""
    return st.fixed_dictionaries(parts).map(
        lambda drawn: (kind, {name: value for name, value in drawn.items() if value != NOTHING})
    )


MAKERS = st.one_of(
    _makes("tier.changed", branch_id=BRANCH, to=st.sampled_from(["C1", "C4", None])),
    _makes("churn_risk.changed", branch_id=BRANCH, to=st.sampled_from(["none", "high"])),
    _makes("month.closed", branch_id=BRANCH, billing_month=MONTHS, arpu_fen=st.integers(0, 5)),
    _makes("subscriber.activated", branch_id=BRANCH, joined_on=st.sampled_from([NOTHING, "2024-02-29"])),
    _makes(
        "subscriber.updated", branch_id=BRANCH, plan=st.sampled_from([NOTHING, "p1", "p2"]), brand=st.just("gotone")
    ),
    _makes("subscriber.deactivated"),
    _makes("measure.enrolled", measure=MEASURES, until=UNTIL),
    _makes("measure.ended", measure=MEASURES),
    _makes("balance.reported", balance_fen=st.integers(-5, 5)),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Record], list[Record], int]:
    """Draw records as they were put on topics, and an order to read them in that keeps each topic's own."""
    topics, revisions = Topics(), dict[tuple[str, str], int]()
    records: list[Record] = []
    for whose, hours, (kind, fields) in draw(st.lists(st.tuples(WHOSE, HOURS, MAKERS), min_size=1, max_size=25)):
        if kind == "month.closed":
            key = whose, fields["billing_month"]
            revisions[key] = revisions.get(key, -1) + 1
            records.append(topics.fact(kind, whose, later(hours=hours), revision=revisions[key], **fields))
        else:
            put = topics.fact if kind in FACT_TOPIC else topics.event
            records.append(put(kind, whose, later(hours=hours), **fields))
    mixed = draw(st.permutations([record.topic for record in records]))
    queues = {topic: iter([record for record in records if record.topic == topic]) for topic in mixed}
    return records, [next(queues[topic]) for topic in mixed], draw(st.integers(1, 9))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept_desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a desk for all examples of a test: each empties it first."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            file = tmp_path_factory.mktemp("orders") / "desk.db"
            url = f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_file'), file)}"
        else:
            url = stack.enter_context(request.getfixturevalue("postgres").database())
        engine = open_engine(url)
        stack.callback(engine.dispose)
        yield Desk(engine, PolicySet(load_policies([])), SetClock())


def read_anew(desk: Desk, records: Sequence[Record], size: int) -> object:
    with writing(desk.engine) as connection:
        rebuild(connection, {})
    take(desk, *in_batches(records, size))
    return all_rows(desk.engine)


@settings(max_examples=30)
@given(histories())
def test_the_order_between_topics_and_the_batches_do_not_count(
    kept_desk: Desk, drawn: tuple[list[Record], list[Record], int]
) -> None:
    records, mixed, size = drawn
    assert read_anew(kept_desk, mixed, size) == read_anew(kept_desk, records, len(records))
