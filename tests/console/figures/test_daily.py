"""The series of days, counted by hand: who was mid-to-high-end, with which tier, on which day."""

import pytest

from stream_app.console.desk import Desk
from stream_app.console.figures.daily import DAY, reckon_days
from stream_app.console.figures.days import make_up
from stream_app.console.figures.stored import Value, get, keys, of_branch
from stream_app.console.store.database import reading
from tests.console.figures.people import UNDER, People, at
from tests.console.moments import SetClock

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def seven_customers(people: People) -> None:
    for month in ("2025-04", "2025-05"):
        people.month("ann", month, "important", assessed=True, tenure_months=40, official_tier="C4")
        people.month("ben", month, "ordinary", tenure_months=12)
        people.month("cat", month, "churn_inclined", branch_id="b2", tenure_months=3)
        people.month("dan", month, "quasi", branch_id=None, revenue_fen=UNDER)
        people.month("eve", month, "none", assessed=True)
    people.customer("fay")  # no month of hers has closed
    people.month("gus", "2025-04", "ordinary")  # left on the 20th of May
    people.network("gus", "2025-05-20 12:00", on=False)
    people.tier("ann", "2025-03-02 00:00", "C4")
    people.tier("ann", "2025-06-08 09:00", "C3")


def counted(desk: Desk, when: str) -> Value:
    with reading(desk.engine) as connection:
        return make_up(connection, desk.policies, at(when))


def test_today_is_counted_by_class_tier_and_tenure(desk: Desk) -> None:
    assert counted(desk, "2025-06-10 10:00")["all"] == {
        "heads": 6,
        "dynamic": 3,
        "assessed": 2,
        "pool": 1,
        "classes": {"important": 1, "ordinary": 1, "churn_inclined": 1},
        "tiers": {"C3": 1, "": 2},
        "tenures": {"long": 1, "medium": 1, "short": 1},
    }


@on_sqlite
def test_each_branch_has_its_own_count_and_who_has_none_too(desk: Desk) -> None:
    value = counted(desk, "2025-06-10 10:00")
    assert {name: (found["heads"], found["dynamic"]) for name, found in value["branches"].items()} == {
        "b1": (4, 2),
        "b2": (1, 1),
        "": (1, 0),
    }
    assert of_branch(value, "b2")["classes"] == {"churn_inclined": 1}
    assert of_branch(value, "no such branch") == {}


def test_a_past_day_is_counted_as_it_was_then(desk: Desk) -> None:
    before, after = counted(desk, "2025-05-20 12:00")["all"], counted(desk, "2025-05-20 12:01")["all"]
    assert (before["dynamic"], after["dynamic"]) == (4, 3)  # gus leaves in that minute
    assert before["tiers"] == {"C4": 1, "": 3}  # C3 came in June
    assert counted(desk, "2025-06-08 09:00")["all"]["tiers"]["C4"] == 1  # strictly before the instant
    assert counted(desk, "2025-02-01 00:00")["all"]["dynamic"] == 0  # no month was closed


@on_sqlite
def test_who_comes_back_counts_again_from_then_on(desk: Desk, people: People) -> None:
    people.network("gus", "2025-06-01 00:00", on=True)
    assert counted(desk, "2025-05-31 23:59")["all"]["dynamic"] == 3
    assert counted(desk, "2025-06-01 00:01")["all"]["dynamic"] == 4


@on_sqlite
def test_the_past_is_counted_a_few_days_at_a_time_from_yesterday_back(desk: Desk) -> None:
    reckon_days(desk)
    assert days(desk)[0] == "2025-06-02"
    assert days(desk)[-1] == "2025-06-10"
    for _ in range(6):
        reckon_days(desk)
    assert days(desk)[0] == "2025-05-01"  # as April ended
    assert len(days(desk)) == 41


@on_sqlite
def test_a_day_that_is_over_is_counted_as_of_its_end_and_stays(desk: Desk, people: People, clock: SetClock) -> None:
    reckon_days(desk)
    assert day(desk, "2025-06-10")["is_final"] is False
    people.network("ben", "2025-06-10 22:00", on=False)
    people.network("cat", "2025-06-11 07:00", on=False)
    clock.at = at("2025-06-11 08:00")
    reckon_days(desk)
    assert (day(desk, "2025-06-10")["all"]["dynamic"], day(desk, "2025-06-10")["is_final"]) == (2, True)
    assert day(desk, "2025-06-11")["all"]["dynamic"] == 1


@on_sqlite
def test_today_is_counted_again_once_there_is_news_and_some_minutes_have_passed(
    desk: Desk, people: People, clock: SetClock
) -> None:
    reckon_days(desk)
    people.network("ben", "2025-06-10 10:01", on=False)
    clock.advance(minutes=6)
    reckon_days(desk)
    assert day(desk, "2025-06-10")["all"]["dynamic"] == 3  # nothing was read meanwhile
    people.read_on()
    reckon_days(desk)
    assert day(desk, "2025-06-10")["all"]["dynamic"] == 2
    people.network("cat", "2025-06-10 10:07", on=False)
    people.read_on(read_to=2)
    reckon_days(desk)
    assert day(desk, "2025-06-10")["all"]["dynamic"] == 2  # too soon


def days(desk: Desk) -> list[str]:
    with reading(desk.engine) as connection:
        return keys(connection, DAY)


def day(desk: Desk, on: str) -> Value:
    with reading(desk.engine) as connection:
        found = get(connection, DAY, on)
    assert found is not None
    return found
