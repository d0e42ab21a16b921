"""The achieved heads and service mix against the printed ones, and the money against itself.

Tolerances are stated here: heads within 1.5 points; service mix within 1.5
points (C2 to C4) and 3 (C1, whose few calls abroad cost much).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from stream_app.sim import CHENGDU, NO_FAULTS, Event, Mix, Population, calibration_report, history
from stream_app.sim.calibration import ORDINARY_HEADS_PERCENT, ORDINARY_REVENUE_PERCENT, TIERS, Tier

START_AT = datetime(2003, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
HEADS_POINTS = 1.5
MIX_POINTS = {"C1": 3.0, "C2": 1.5, "C3": 1.5, "C4": 1.5}
# Our big customers' bills reach their tier's floor, the printed month's do
# not (DOMAIN.md section 8), so they take a larger part of the revenue.
ORDINARY_REVENUE_POINTS = 12.0


def quarter(population: Population) -> Iterator[Event]:
    """Live three months and the days in which the third is billed."""
    return history(population, START_AT, datetime(2003, 4, 9, tzinfo=START_AT.tzinfo))


@pytest.mark.slow
def test_heads_by_tier_are_the_printed_ones() -> None:
    report = calibration_report(quarter(Population(1, 800, Mix(big_share=1.0), usage_per_day=0.5)))

    assert report.window == ("2003-01", "2003-02", "2003-03")
    assert report.heads_off_by() <= HEADS_POINTS


@pytest.mark.parametrize("tier", list(MIX_POINTS))
def test_the_service_mix_of_a_tier_is_the_printed_one(tier: Tier) -> None:
    crowd = Mix(big_share=1.0, heads={tier: 1.0}, movers=0.0, leavers=0.0, returners=0.0)
    report = calibration_report(quarter(Population(2, 60, crowd, usage_per_day=4)))

    assert report.mix_off_by(tier) <= MIX_POINTS[tier]


@pytest.mark.parametrize("tier", TIERS)
def test_quiet_customers_stay_within_the_floors_of_their_tier(tier: Tier) -> None:
    quiet = Mix(big_share=1.0, heads={tier: 1.0}, movers=0.0, leavers=0.0, returners=0.0, refunds=0.0)
    report = calibration_report(quarter(Population(3, 40, quiet, usage_per_day=2)))

    assert report.heads[tier] / sum(report.heads.values()) >= 0.95


@pytest.mark.slow
def test_chengdu_is_ordinary_by_heads_and_mostly_by_revenue() -> None:
    report = calibration_report(quarter(Population(4, 800, CHENGDU, usage_per_day=0.3)))
    heads, revenue = report.ordinary_percent()

    assert heads == pytest.approx(ORDINARY_HEADS_PERCENT, abs=1)
    assert revenue == pytest.approx(ORDINARY_REVENUE_PERCENT, abs=ORDINARY_REVENUE_POINTS)


def test_a_bill_is_what_accrued_less_the_discount() -> None:
    population = Population(5, 60, Mix(big_share=0.5, discounts=0.5, rebills=0.0), usage_per_day=2)
    accrued: dict[tuple[str, str], int] = defaultdict(int)
    billed: dict[tuple[str, str], int] = {}
    for event in history(population, START_AT, START_AT + timedelta(days=62), NO_FAULTS):
        place = str(event["subscriber_id"]), str(event.get("billing_month", str(event["occurred_at"])[:7]))
        if event["type"] in {"usage.recorded", "fee.charged"}:
            accrued[place] += int(event.get("charge_fen", event.get("amount_fen", 0)))
        if event["type"] == "bill.issued":
            billed[place] = int(event["amount_fen"])

    discounts = {person.subscriber_id: person.discount_permille for person in population.people()}
    assert len(billed) > 50
    assert all(fen == accrued[who, when] * (1000 - discounts[who]) // 1000 for (who, when), fen in billed.items())


def test_a_bill_first_comes_within_three_days_after_its_month() -> None:
    population = Population(6, 80, Mix(big_share=0.5, rebills=0.0), usage_per_day=1)
    bills = [event for event in history(population, START_AT, START_AT + timedelta(days=95)) if _is_bill(event)]

    assert len(bills) > 200
    for bill in bills:
        on = date.fromisoformat(str(bill["occurred_at"])[:10])
        assert on.day <= 3
        assert f"{on - timedelta(days=5):%Y-%m}" == bill["billing_month"]
        assert date.fromisoformat(str(bill["due_on"])) > on


def test_late_payers_are_in_arrears_past_the_grace_days_and_then_pay() -> None:
    population = Population(7, 80, Mix(big_share=1.0, late_payers=1.0, movers=0.0), usage_per_day=1)
    bills: dict[tuple[object, object], date] = {}
    payments: dict[tuple[object, object], date] = {}
    for event in history(population, START_AT, START_AT + timedelta(days=400), NO_FAULTS):
        place = event["subscriber_id"], event.get("bill_id")
        if _is_bill(event):
            bills.setdefault(place, date.fromisoformat(str(event["due_on"])))
        if event["type"] == "payment.received":
            payments[place] = date.fromisoformat(str(event["occurred_at"])[:10])

    overdue = [
        place for place, due_on in bills.items() if place in payments and payments[place] > due_on + timedelta(30)
    ]
    assert 0.1 < len(overdue) / len(bills) < 0.25


def test_a_stream_without_a_bill_has_nothing_to_report() -> None:
    with pytest.raises(ValueError, match="no bill"):
        calibration_report(history(Population(1, 5), START_AT, START_AT + timedelta(days=3)))


def _is_bill(event: Event) -> bool:
    return event["type"] == "bill.issued"
