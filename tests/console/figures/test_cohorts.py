"""Snapshot cohorts: who is in, that the base stays, and what becomes of its members."""

from datetime import date

import pytest
from sqlalchemy import select

from stream_app.console.desk import Desk
from stream_app.console.figures.cohorts import NotFrozenError, freeze
from stream_app.console.figures.monthly import RETENTION, reckon_months, retention_key
from stream_app.console.figures.snapshots import freeze_and_follow, freeze_due
from stream_app.console.figures.stored import Value, get
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import Cohort, CohortMember
from tests.console.figures.people import UNDER, People, at
from tests.console.moments import SetClock

FIRST = date(2025, 5, 1)

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def five_customers(people: People) -> None:
    for month in ("2025-02", "2025-03"):
        people.month("ann", month, "important", tenure_months=40)
        people.month("ben", month, "ordinary", tenure_months=5)
        people.month("cat", month, "ordinary", branch_id="b2")
        people.month("dan", month, "quasi")
        people.month("eve", month, "irregular")
    people.network("eve", "2025-04-30 23:59", on=False)
    people.tier("ann", "2025-03-02 00:00", "C4")
    people.measure("ann", "family_plan", "2025-01-01 00:00")
    people.measure("ann", "handset_contract", "2025-02-01 00:00", until=FIRST)
    people.measure("ann", "mailbox", "2025-02-01 00:00")
    people.measure("ben", "family_plan", "2025-01-01 00:00")
    people.measure("ben", "family_plan", "2025-04-01 00:00", enrolled=False)
    people.measure("ben", "family_plan", "2025-05-02 00:00")  # too late to count
    people.measure("cat", "deposit_gift", "2025-01-01 00:00", until=date(2025, 4, 30))


def followed(desk: Desk, month: str) -> Value:
    with reading(desk.engine) as connection:
        found = get(connection, RETENTION, retention_key("may", month))
    assert found is not None
    return found


def test_who_is_dynamic_and_on_the_network_as_the_day_begins_is_in(desk: Desk) -> None:
    assert freeze(desk, "may", FIRST) == 3
    with reading(desk.engine) as connection:
        columns = (CohortMember.subscriber_id, CohortMember.branch_id, CohortMember.tier, CohortMember.measures)
        members = connection.execute(select(*columns).order_by(CohortMember.subscriber_id)).all()
    assert [tuple(row) for row in members] == [
        ("ann", "b1", "C4", ["family_plan", "handset_contract", "mailbox"]),
        ("ben", "b1", None, []),
        ("cat", "b2", None, []),
    ]


def test_retention_is_told_of_the_frozen_base_by_branch_tenure_and_measure(desk: Desk, people: People) -> None:
    people.month("ann", "2025-05", "none", revenue_fen=12_000)  # not above the bound
    people.month("ben", "2025-05", "ordinary", revenue_fen=12_001)
    people.month("cat", "2025-05", "none", branch_id="b2", on_network=False)
    people.month("new", "2025-05", "important")
    assert freeze_and_follow(desk, "may", FIRST) == 3
    whole = followed(desk, "2025-05")["all"]
    assert whole["all"] == [3, 2, 1]
    assert whole["tenures"] == {"long": [1, 1, 0], "short": [1, 1, 1], "": [1, 0, 0]}
    assert whole["tiers"] == {"C4": [1, 1, 0], "": [2, 1, 1]}
    assert whole["classes"] == {"important": [1, 1, 0], "ordinary": [2, 1, 1]}
    assert whole["held"] == {"2": [1, 1, 0], "0": [2, 1, 1]}  # a sticky service does not stabilise
    assert whole["measures"] == {name: [1, 1, 0] for name in ("family_plan", "handset_contract", "mailbox")}
    assert followed(desk, "2025-05")["branches"]["b2"]["all"] == [1, 0, 0]


def test_a_later_month_and_now_are_told_of_the_same_base(desk: Desk, people: People) -> None:
    freeze_and_follow(desk, "may", FIRST)
    people.month("ann", "2025-05")
    people.month("ben", "2025-05", revenue_fen=UNDER)
    people.network("ben", "2025-06-09 00:00", on=False)
    people.read_on()
    reckon_months(desk)
    assert followed(desk, "2025-05")["all"]["all"] == [3, 2, 1]  # cat has no row: left before the month began
    freeze_and_follow(desk, "now", FIRST)
    with reading(desk.engine) as connection:
        now = get(connection, RETENTION, retention_key("now", "now"))
    assert now is not None
    assert now["all"]["all"] == [3, 2, 2]  # ann and cat, both above the bound in their last closed month


@on_sqlite
def test_a_cohort_once_frozen_stays(desk: Desk, people: People) -> None:
    freeze(desk, "may", FIRST)
    people.network("ann", "2025-04-01 00:00", on=False)
    with pytest.raises(NotFrozenError, match="there is a cohort of this name"):
        freeze(desk, " may ", FIRST)
    with reading(desk.engine) as connection:
        assert len(connection.execute(select(CohortMember.subscriber_id)).all()) == 3


@on_sqlite
@pytest.mark.parametrize(
    ("name", "on"), [("", FIRST), ("n" * 65, FIRST), ("a\nb", FIRST), ("later", date(2025, 6, 11))]
)
def test_a_cohort_needs_a_name_and_a_day_that_has_begun(desk: Desk, name: str, on: date) -> None:
    with pytest.raises(NotFrozenError):
        freeze(desk, name, on)


@on_sqlite
def test_months_and_years_freeze_as_they_begin(desk: Desk, clock: SetClock) -> None:
    for _ in range(3):
        freeze_due(desk)
    assert names(desk) == [("2025-04", 4), ("2025-05", 3), ("2025-06", 3)]  # eve left before May
    clock.at = at("2026-01-01 00:10")
    for _ in range(3):
        freeze_due(desk)
    assert ("2026-01", 3) in names(desk)
    assert ("2026", 3) in names(desk)


def names(desk: Desk) -> list[tuple[str, int]]:
    with reading(desk.engine) as connection:
        found = connection.execute(select(Cohort.cohort, Cohort.heads).order_by(Cohort.cohort))
        return [(name, heads) for name, heads in found]
