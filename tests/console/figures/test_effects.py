"""Effect and win-back, by hand: who is counted from when, where, and with which value."""

from typing import Any

import pytest

from stream_app.console.desk import Desk
from stream_app.console.figures.effects import effects
from stream_app.console.figures.stored import Value
from stream_app.console.figures.winbacks import winbacks
from stream_app.console.store.database import reading
from tests.console.figures.people import OVER, People, at

NOW = "2025-06-10 10:00"

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def effect_of(desk: Desk) -> Value:
    with reading(desk.engine) as connection:
        return effects(connection, desk.policies, at(NOW))


def test_a_case_counts_where_its_draw_put_it_after_30_60_and_90_days(desk: Desk, people: People) -> None:
    people.user("m1")
    for name in ("ann", "ben", "cat", "dan", "eve"):
        people.customer(name)
    people.case("ann", "2025-03-01 00:00", manager_id="m1", measure="family_plan")
    people.case("ben", "2025-03-01 00:00", manager_id="m1")
    people.case("cat", "2025-03-01 00:00", arm="held_out")
    people.case("dan", "2025-03-01 00:00", arm="exempt", value_class="important", manager_id="m1")
    people.case("eve", "2025-05-12 00:00")  # 29 days ago
    people.network("ben", "2025-03-31 00:00", on=False)  # at the very instant of 30 days: was on before it
    people.network("cat", "2025-05-01 00:00", on=False)
    people.month("ann", "2025-03", revenue_fen=20_000)
    people.month("ben", "2025-03", revenue_fen=10_000)
    people.month("cat", "2025-03", revenue_fen=12_000)
    people.month("ann", "2025-04", revenue_fen=30_000)
    people.month("cat", "2025-04", revenue_fen=9_000)

    found = effect_of(desk)["all"]

    assert found["30"]["arms"] == {
        "called": [2, 2, 2, 1, 2 * OVER, 20_000 + 10_000],  # day 30 lies in March, which has closed
        "held_out": [1, 1, 1, 0, OVER, 12_000],
        "exempt": [1, 1, 1, 0, OVER, 0],
    }
    assert found["60"]["arms"] == {
        "called": [2, 1, 2, 1, 2 * OVER, 30_000],
        "held_out": [1, 1, 1, 0, OVER, 9_000],
        "exempt": [1, 1, 1, 0, OVER, 0],
    }
    assert found["90"]["arms"] == {  # day 90 lies in May, which closed on the 3rd of June; nobody has a row
        "called": [2, 1, 2, 0, 2 * OVER, 0],
        "held_out": [1, 0, 1, 0, OVER, 0],
        "exempt": [1, 1, 1, 0, OVER, 0],
    }
    assert found["60"]["classes"]["ordinary"]["called"][:2] == [2, 1]
    assert found["60"]["classes"]["important"] == {"exempt": [1, 1, 1, 0, OVER, 0]}
    assert found["60"]["managers"] == {"m1": {"called": found["60"]["arms"]["called"], "exempt": [1, 1, 1, 0, OVER, 0]}}
    assert {name: figures[:2] for name, figures in found["60"]["measures"].items()} == {
        "family_plan": [1, 1],
        "": [2, 1],
    }


@on_sqlite
def test_value_is_told_only_of_months_that_have_closed(desk: Desk, people: People) -> None:
    people.customer("ann")
    people.case("ann", "2025-05-04 00:00")  # 30 days later is the 3rd of June
    assert effect_of(desk)["all"]["30"]["arms"] == {"called": [1, 1, 0, 0, 0, 0]}


@on_sqlite
def test_calls_to_win_back_are_no_cases_to_keep(desk: Desk, people: People) -> None:
    people.customer("ann")
    people.case("ann", "2025-03-01 00:00", kind="win_back")
    assert effect_of(desk)["all"]["30"]["arms"] == {}


@on_sqlite
@pytest.mark.parametrize("branch_id", ["b1", None])
def test_a_branch_has_its_own_figures(desk: Desk, people: People, branch_id: str | None) -> None:
    people.customer("ann", branch_id)
    people.case("ann", "2025-05-01 00:00", branch_id=branch_id)
    assert effect_of(desk)["branches"][branch_id or ""]["30"]["arms"]["called"][:2] == [1, 1]


def test_who_came_back_is_told_with_the_call_that_came_before(desk: Desk, people: People) -> None:
    people.user("m1")
    for name in ("ann", "ben", "cat", "dan"):
        people.customer(name)
        people.network(name, "2025-01-01 00:00", on=True)
        people.network(name, "2025-05-01 00:00", on=False)
    people.customer("eve")
    people.network("eve", "2025-05-01 00:00", on=True)
    people.case("ann", "2025-05-02 00:00", kind="win_back", manager_id="m1", measure="deposit_gift")
    people.network("ann", "2025-05-11 00:00", on=True)  # after the call
    people.network("ben", "2025-05-05 00:00", on=True)  # without one
    people.case("ben", "2025-05-06 00:00", kind="win_back")  # too late to have won anybody
    people.case("cat", "2025-05-02 00:00", kind="win_back", arm="held_out")
    with reading(desk.engine) as connection:
        whole: dict[str, Any] = winbacks(connection, at(NOW))["all"]
    assert whole == {
        "left": 4,
        "returned": 2,
        "arms": {"called": [1, 1], "": [2, 1], "held_out": [1, 0]},
        "measures": {"deposit_gift": [1, 1], "": [1, 0]},
        "managers": {"m1": [1, 1], "": [1, 0]},
        "median_days_away": 7,
    }


@on_sqlite
def test_coming_back_at_the_very_instant_of_leaving_is_no_absence(desk: Desk, people: People) -> None:
    people.network("ann", "2025-05-01 00:00", on=False)
    people.network("ann", "2025-05-01 00:00", on=True)
    with reading(desk.engine) as connection:
        assert winbacks(connection, at(NOW))["all"]["left"] == 0
