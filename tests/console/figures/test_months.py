"""The figures of a closed month, by hand: make-up, migration between tiers, concentration, services, industries."""

from typing import Any

import pytest

from stream_app.console.desk import Desk
from stream_app.console.figures.migration import migration
from stream_app.console.figures.mix import industries, mix
from stream_app.console.figures.months import make_up
from stream_app.console.figures.spread import spread
from stream_app.console.store.database import reading
from stream_app.core.policy import MeasurePolicy
from tests.console.figures.people import UNDER, People

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def line(service: str, charge_fen: int, scope: str = "local") -> dict[str, Any]:
    return {"service": service, "scope": scope, "direction": "outgoing", "charge_fen": charge_fen, "records": 1}


@pytest.fixture(autouse=True)
def two_months(people: People) -> None:
    people.month("ann", "2025-04", official_tier="C3", revenue_fen=90_000)
    people.month("ben", "2025-04", official_tier="C4", revenue_fen=50_000)
    people.month("cat", "2025-04", official_tier=None, branch_id="b2")
    people.month("dan", "2025-04", official_tier="C4", branch_id="b2", revenue_fen=60_000)
    people.month("gus", "2025-04", on_network=False, value_class="none", revenue_fen=500)
    people.customer("ann", industry="press", group_id="g1")
    people.customer("ben", industry="press", group_id="g1")
    people.customer("cat", industry="press")
    calls = [line("voice", 6_000), line("voice", 1_500, "domestic_roaming"), line("sms", 500)]
    people.month("ann", "2025-05", "important", official_tier="C4", revenue_fen=80_000, usage=calls, assessed=True)
    people.month(
        "ben", "2025-05", official_tier="C4", revenue_fen=50_000, usage=[line("data", 2_000, "domestic_roaming")]
    )
    people.month("cat", "2025-05", official_tier="C6", branch_id="b2", revenue_fen=20_000, usage=[line("voice", 1_000)])
    people.month("dan", "2025-05", "none", on_network=False, branch_id="b2", revenue_fen=-1_000)  # left
    people.month("eve", "2025-05", "quasi", revenue_fen=UNDER, branch_id=None)  # new


def test_a_month_is_counted_at_its_end_with_what_it_brought(desk: Desk) -> None:
    with reading(desk.engine) as connection:
        value = make_up(connection, "2025-05", MeasurePolicy())
    whole = value["all"]
    assert (whole["heads"], whole["dynamic"], whole["assessed"], whole["pool"]) == (4, 3, 1, 1)
    assert whole["classes"] == {"important": 1, "ordinary": 2}
    assert whole["tiers"] == {"C4": 2, "C6": 1}
    assert whole["revenue_fen"] == 80_000 + 50_000 + 20_000 + UNDER  # of the four: who left had 1,000 refunded
    assert whole["dynamic_fen"] == 150_000
    assert value["branches"]["b2"]["revenue_fen"] == 20_000


def test_customers_move_between_tiers_come_and_leave(desk: Desk) -> None:
    with reading(desk.engine) as connection:
        value = migration(connection, "2025-05")
    assert value["all"]["cells"] == {
        "C3": {"C4": [1, 90_000, 80_000]},
        "C4": {"C4": [1, 50_000, 50_000], "left": [1, 60_000, -1_000]},
        "none": {"C6": [1, 15_000, 20_000]},
        "new": {"none": [1, 0, UNDER]},
    }
    assert value["branches"]["b2"]["cells"] == {
        "none": {"C6": [1, 15_000, 20_000]},
        "C4": {"left": [1, 60_000, -1_000]},
    }
    assert set(value["branches"]) == {"b1", "b2", ""}


@on_sqlite
def test_who_was_off_the_network_before_is_new_when_back(desk: Desk, people: People) -> None:
    people.month("gus", "2025-05", official_tier="C5", revenue_fen=30_000)
    with reading(desk.engine) as connection:
        cells = migration(connection, "2025-05")["all"]["cells"]
    assert cells["new"] == {"none": [1, 0, UNDER], "C5": [1, 500, 30_000]}


def test_concentration_rests_on_exact_sums_and_a_refund_counts_as_nothing(desk: Desk) -> None:
    with reading(desk.engine) as connection:
        value = spread(connection, "2025-05")
    whole = value["all"]
    assert (whole["heads"], whole["revenue_fen"], whole["below_0"]) == (5, 159_000, 1)
    assert [20, 1, 80_000] in whole["percents"]
    assert [40, 2, 130_000] in whole["percents"]
    assert whole["percents"][-1] == [100, 5, 159_000]
    assert whole["top"][0] == [5, 5, 159_000]
    gini = (4 * 80_000 + 2 * 50_000 + 0 * 20_000 - 2 * 9_000) / (5 * 159_000)
    assert whole["gini_permyriad"] == round(10_000 * gini)
    assert value["branches"][""]["revenue_fen"] == UNDER


def test_usage_is_laid_out_by_service_for_each_tier_and_industry(desk: Desk) -> None:
    with reading(desk.engine) as connection:
        value = mix(connection, "2025-05")
    assert value["all"]["tiers"] == {
        "C4": {"local": 6_000, "domestic_roaming": 1_500, "sms": 500, "data": 2_000},
        "C6": {"local": 1_000},
    }
    assert value["branches"]["b2"]["tiers"] == {"C6": {"local": 1_000}}
    assert value["all"]["industries"]["press"] == {
        "local": 7_000, "domestic_roaming": 1_500, "sms": 500, "data": 2_000,
    }  # fmt: skip


def test_an_industry_has_its_revenue_and_its_top_five_with_a_group_as_one(desk: Desk, people: People) -> None:
    for number in range(5):  # press: g1 with 130,000, cat with 20,000, and five with 1,000 each
        people.customer(f"small{number}", industry="press")
        people.month(f"small{number}", "2025-05", "none", revenue_fen=1_000)
    with reading(desk.engine) as connection:
        value = industries(connection, "2025-05")
    assert value["all"]["press"] == {"heads": 8, "revenue_fen": 155_000, "top_fen": 130_000 + 20_000 + 3 * 1_000}
    assert value["all"][""] == {"heads": 2, "revenue_fen": UNDER - 1_000, "top_fen": UNDER - 1_000}
    assert value["branches"]["b2"]["press"] == {"heads": 1, "revenue_fen": 20_000, "top_fen": 20_000}
