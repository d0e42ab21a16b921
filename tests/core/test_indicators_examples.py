"""Each indicator of the early warning has an example that raises, one that clears, and one at the bound."""

from datetime import date

import pytest

from stream_app.core.events import (
    BalanceReported,
    CompetitorContacted,
    ComplaintClosed,
    ComplaintFiled,
    Event,
    MeasureEnrolled,
    PortoutRequested,
)
from stream_app.core.indicators import INDICATORS
from stream_app.core.risk import setting_of
from stream_app.core.risk_policy import DEFAULT_INDICATORS
from tests.core.builders import Story, activated, bill, deactivated, fee, instant, numbers, payment, signed, usage

WHEN = "2025-05-16"
HOLDING = {each.name: each for each in DEFAULT_INDICATORS}
MONTHS = ("2025-02", "2025-03", "2025-04")


def own(at: str) -> tuple[str, str, object]:
    return f"i{next(numbers)}", "s", instant(at)


def filed(at: str, name: str = "q", severity: str = "normal") -> Event:
    return ComplaintFiled(*own(at), complaint_id=name, severity=severity)  # type: ignore[arg-type]


def settled(at: str, name: str = "q") -> Event:
    return ComplaintClosed(*own(at), complaint_id=name)  # type: ignore[arg-type]


def contacted(at: str, kind: str = "hotline_call") -> Event:
    return CompetitorContacted(*own(at), kind=kind)  # type: ignore[arg-type]


def requested(at: str) -> Event:
    return PortoutRequested(*own(at))  # type: ignore[arg-type]


def balance(at: str, fen: int) -> Event:
    return BalanceReported(*own(at), balance_fen=fen)  # type: ignore[arg-type]


def enrolled(measure: str, until: str | None = None) -> Event:
    return MeasureEnrolled(*own("2025-05-01"), measure=measure, until=date.fromisoformat(until) if until else None)  # type: ignore[arg-type]


def used(*days: str, fen: int = 3_000, **given: object) -> list[Event]:
    return [usage(day, fen, **given) for day in days]


def lived(fen: int = 3_000, **given: object) -> list[Event]:
    """Use on six days in each of three months."""
    return [
        each for month in MONTHS for day in range(5, 29, 4) for each in used(f"{month}-{day:02d}", fen=fen, **given)
    ]


# Of the first 15 days of May 11 are weekdays: they weigh 1420. The three months before, 63 weekdays and 26 days at
# weekends, weigh 8380. So of 54000 fen in those, 9150 are to be expected by now.
THIS_MONTH = [f"2025-05-{day:02d}" for day in range(1, 16)]


Example = tuple[str, list[Event], int | None, int]
EXAMPLES: list[Example] = [
    ("spend_pace_percent", lived(), 0, 20),
    ("spend_pace_percent", lived() + used("2025-05-02", fen=5_000), 54, 12),
    ("spend_pace_percent", lived() + used("2025-05-02", fen=7_320), 79, 4),
    ("spend_pace_percent", lived() + used("2025-05-02", fen=7_321), 80, 0),
    ("spend_pace_percent", used("2025-04-02"), None, 0),
    ("minutes_pace_percent", lived(quantity=600), 0, 12),
    ("minutes_pace_percent", lived(quantity=600) + used("2025-05-02", quantity=1_800), 98, 0),
    ("minutes_pace_percent", lived(quantity=600) + used("2025-05-02", quantity=1_800, outgoing=False), 0, 12),
    ("data_pace_percent", lived(service="data", quantity=10_000_000), 0, 6),
    (
        "data_pace_percent",
        lived(service="data", quantity=10_000_000) + used("2025-05-02", service="data", quantity=30_000_000),
        98,
        0,
    ),
    ("data_pace_percent", lived(service="data", quantity=10), None, 0),
    ("active_days_percent", lived(), 0, 12),
    ("active_days_percent", lived() + used("2025-05-02", "2025-05-02", "2025-05-03"), 65, 0),
    ("active_days_percent", lived() + used("2025-05-02"), 32, 12),
    ("silent_days", used("2025-05-02"), 14, 25),
    ("silent_days", used("2025-05-09"), 7, 10),
    ("silent_days", used("2025-05-10"), 6, 0),
    ("silent_days", [*used("2025-05-01"), deactivated("2025-05-02"), activated("2025-05-10")], 6, 0),
    ("silent_days", [payment("2025-05-01", 5)], None, 0),
    ("low_spend_months", [fee("2025-02-05", 12_001), fee("2025-03-05", 4_999), fee("2025-04-05", 1)], 2, 15),
    ("low_spend_months", [fee("2025-02-05", 12_001), fee("2025-03-05", 5_000), fee("2025-04-05", 5_000)], 0, 0),
    ("low_spend_months", [fee("2025-02-05", 12_000), fee("2025-03-05", 4_999)], 0, 0),
    ("low_spend_months", [fee("2025-01-05", 12_001), deactivated("2025-02-05"), activated("2025-04-05")], 1, 5),
    ("arrears_months", [bill("2025-04-01", "2025-03", 100, "2025-04-15")], 1, 10),
    ("arrears_months", [bill("2025-04-01", "2025-03", 100, "2025-04-16")], 0, 0),
    ("arrears_months", [bill("2025-04-01", "2025-03", 100, "2025-03-15"), payment("2025-05-02", 100)], 0, 0),
    ("arrears_fen", [bill("2025-04-01", "2025-03", 5_000, "2025-04-15")], 5_000, 20),
    ("arrears_fen", [bill("2025-04-01", "2025-03", 5_000, "2025-04-15"), payment("2025-05-02", 1)], 4_999, 10),
    ("arrears_fen", [bill("2025-04-01", "2025-03", 5_000, "2025-04-16")], 0, 0),
    ("balance_fen", [balance("2025-05-02", -1)], -1, 15),
    ("balance_fen", [balance("2025-05-02", 999)], 999, 8),
    ("balance_fen", [balance("2025-05-02", 1_000)], 1_000, 0),
    ("balance_fen", [balance("2025-05-02", -1), payment("2025-05-03", 100)], None, 0),
    ("balance_fen", [balance("2025-04-01", -1)], None, 0),
    ("balance_fen", [balance("2025-05-13", -1)], -1, 15),
    ("balance_fen", [balance("2025-05-14", -1)], None, 0),
    ("complaints", [filed("2025-05-02"), filed("2025-05-03", "r")], 2, 20),
    ("complaints", [filed("2025-03-18"), settled("2025-03-19")], 1, 10),
    ("complaints", [filed("2025-03-17"), settled("2025-03-18")], 0, 0),
    ("complaints", [filed("2025-02-17")], 1, 10),
    ("complaints_escalated", [filed("2025-05-02", severity="escalated")], 1, 30),
    ("complaints_escalated", [filed("2025-05-02")], 0, 0),
    ("complaints_escalated", [settled("2025-03-18"), filed("2025-03-17", severity="escalated")], 0, 0),
    ("hotline_calls", [contacted("2025-05-02")] * 1, 1, 10),
    ("hotline_calls", [contacted("2025-05-02"), contacted("2025-05-03"), contacted("2025-05-04", "other")], 3, 20),
    ("hotline_calls", [contacted("2025-02-15")], 0, 0),
    ("call_forwarding", [contacted("2025-05-02", "call_forwarding")], 1, 20),
    ("call_forwarding", [contacted("2025-02-16", "call_forwarding")], 1, 20),
    ("call_forwarding", [contacted("2025-02-15", "call_forwarding")], 0, 0),
    ("portout", [requested("2025-05-16")], 0, 75),
    ("portout", [requested("2025-04-16")], 30, 40),
    ("portout", [requested("2025-03-17")], 60, 0),
    ("contract_days_left", [signed("2025-02-02", ends_on="2025-06-15")], 30, 10),
    ("contract_days_left", [signed("2025-02-02", ends_on="2025-06-16")], 31, 5),
    ("contract_days_left", [signed("2025-02-02", ends_on="2025-07-16")], 61, 0),
    ("contract_days_left", [signed("2025-02-02")], None, 0),
    ("tenure_months", [activated("2025-02-02", joined_on="2024-11-17")], 5, 8),
    ("tenure_months", [activated("2025-02-02", joined_on="2024-11-16")], 6, 0),
    ("tenure_months", [activated("2025-02-02", joined_on="2022-05-16")], 36, -5),
    ("measures_held", [payment("2025-05-01", 1)], 0, 5),
    ("measures_held", [enrolled("family_plan", "2025-05-16")], 1, -5),
    ("measures_held", [enrolled("family_plan", "2025-05-15")], 0, 5),
    ("measures_held", [enrolled("family_plan"), enrolled("deposit_gift")], 2, -12),
    ("sticky_services", [enrolled("mailbox")], 1, -2),
    ("sticky_services", [enrolled("family_plan")], 0, 0),
    ("recency_days", used("2025-05-09"), 7, 3),
    ("recency_days", used("2025-05-10"), 6, 0),
    ("frequency_percent", used(*THIS_MONTH[:3]), 20, 0),
    ("frequency_percent", used(*THIS_MONTH[:2]), 13, 5),
    ("frequency_percent", used(*THIS_MONTH[:12]), 80, -3),
    ("monetary_fen", [fee("2025-04-05", 5_997)], 1_999, 2),
    ("monetary_fen", [fee("2025-04-05", 6_000)], 2_000, 0),
    ("monetary_fen", [fee("2025-04-05", 150_000)], 50_000, -2),
]


@pytest.mark.parametrize(("name", "events", "value", "points"), EXAMPLES)
def test_an_indicator_reads_and_weighs(name: str, events: list[Event], value: int | None, points: int) -> None:
    story = Story()
    story.tick("2025-02-01T00:00")
    for each in sorted(events, key=lambda event: event.occurred_at):
        story.tick(f"{each.occurred_at:%Y-%m-%d}T00:00:00Z")
        story.take(each)
    story.tick(WHEN)
    assert story.clock.tick is not None
    reading = INDICATORS[name](story.sub, setting_of(story.clock.tick, story.policies))
    assert (reading.value, HOLDING[name].points(reading.value)) == (value, points)


def test_every_indicator_has_its_examples() -> None:
    shown = {name for name, *_ in EXAMPLES} | {"tier_lost_days"}
    assert shown == INDICATORS.keys()


def test_a_tier_just_lost_counts_until_one_goes_up_again() -> None:
    story = Story()
    story.tick("2025-02-01T00:00")
    story.take(usage("2025-02-02", 60))
    story.tick("2025-06-03")
    assert story.clock.tick is not None
    rule, points = INDICATORS["tier_lost_days"], HOLDING["tier_lost_days"].points
    reading = rule(story.sub, setting_of(story.clock.tick, story.policies))
    assert (reading.value, points(reading.value), reading.evidence["lost"]) == (2, 12, "GOLD")
    story.take(usage("2025-06-03", 60))
    assert rule(story.sub, setting_of(story.clock.tick, story.policies)).value is None
