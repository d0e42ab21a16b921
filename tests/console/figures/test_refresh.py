"""Refreshing: what is due is reckoned once, what is not costs nothing, a correction is taken in."""

import pytest
from sqlalchemy import select, update

from stream_app.console.desk import Desk
from stream_app.console.figures.monthly import MONTH
from stream_app.console.figures.refresh import EFFECTS, LEAVING, WINBACKS, refresh
from stream_app.console.figures.stored import Value, get, keys
from stream_app.console.store.database import reading, writing
from stream_app.console.store.read_tables import MonthRow
from stream_app.console.store.work_tables import Cohort, Figure
from tests.console.figures.people import People, at
from tests.console.moments import SetClock

MONTHS = ["2025-02", "2025-03", "2025-04"]

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def stored(desk: Desk) -> dict[tuple[str, str], Value]:
    with reading(desk.engine) as connection:
        found = connection.execute(select(Figure.name, Figure.key, Figure.value, Figure.reckoned_at))
        return {(name, key): {**value, "reckoned_at": when} for name, key, value, when in found}


def month(desk: Desk, name: str) -> Value:
    with reading(desk.engine) as connection:
        found = get(connection, MONTH, name)
    assert found is not None
    return found


@on_sqlite
def test_an_empty_desk_has_no_figures(desk: Desk) -> None:
    refresh(desk)
    assert stored(desk) == {}


@on_sqlite
def test_nothing_is_reckoned_while_the_topics_are_caught_up_with(desk: Desk, people: People) -> None:
    people.month("ann", "2025-04")
    refresh(desk, is_caught_up=False)
    assert stored(desk) == {}


def test_all_of_the_past_is_reckoned_and_then_nothing_more(desk: Desk, people: People, clock: SetClock) -> None:
    for each in MONTHS:
        people.month("ann", each)
    people.read_on()
    for _ in range(14):
        refresh(desk)
    with reading(desk.engine) as connection:
        assert keys(connection, MONTH) == MONTHS
        assert keys(connection, "day")[0] == "2025-03-01"  # the day after the first month's end
        assert list(connection.scalars(select(Cohort.cohort).order_by(Cohort.cohort))) == [
            "2025-04",
            "2025-05",
            "2025-06",
        ]
    found = stored(desk)
    assert {(name, "now") for name in (LEAVING, EFFECTS, WINBACKS)} <= found.keys()
    assert found["retention", "2025-04/2025-04"]["all"]["all"] == [1, 1, 1]
    clock.advance(hours=2)
    refresh(desk)
    assert stored(desk) == found


@on_sqlite
def test_a_correction_of_a_month_is_taken_in(desk: Desk, people: People, clock: SetClock) -> None:
    for each in MONTHS:
        people.month("ann", each)
    people.read_on()
    refresh(desk)
    refresh(desk)
    april = MonthRow.billing_month == "2025-04"
    with writing(desk.engine) as connection:
        connection.execute(update(MonthRow).where(april).values(revision=1, revenue_fen=1_000))
    clock.advance(minutes=1)
    refresh(desk)
    assert month(desk, "2025-04")["all"]["revenue_fen"] != 1_000  # nothing was read
    people.read_on(read_to=2)
    refresh(desk)
    assert month(desk, "2025-04")["all"]["revenue_fen"] != 1_000  # corrections come one by one: once an hour is enough
    clock.advance(hours=1)
    refresh(desk)
    assert month(desk, "2025-04")["all"]["revenue_fen"] == 1_000
    assert stored(desk)["month", "2025-03"]["reckoned_at"] == at("2025-06-10 10:00")  # as it was
