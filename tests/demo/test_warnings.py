"""Warnings in the demo: kept, shown beside the truth, and judged."""

from datetime import datetime, timedelta

from stream_app.demo.warnings import Warnings, summary
from stream_app.sim import Population, Truth, truth
from tests.replay.lines import utc

TOWN = Population(1, 300)
BEGAN_AT, NOW_AT = utc("2025-01-01"), utc("2025-05-01")


def leaver() -> Truth:
    return next(each for each in truth(TOWN, BEGAN_AT, NOW_AT) if each.left_on and each.left_on.month == 4)


def fact(who: str, at: datetime, before: str = "none", after: str = "high") -> dict[str, object]:
    return {
        "type": "churn_risk.changed",
        "subscriber_id": who,
        "occurred_at": at.isoformat(),
        "from": before,
        "to": after,
        "score": 55,
        "reasons": [{"indicator": "silent_days", "points": 30, "value": 15, "evidence": {}}],
    }


def test_a_warning_stands_beside_what_is_true() -> None:
    told, seen = leaver(), Warnings(TOWN, BEGAN_AT, NOW_AT)
    seen.take(fact(told.subscriber_id, utc("2025-03-20")))
    seen.take(fact("stranger", utc("2025-03-21")))
    right, wrong = seen.newest
    assert (right.reason, right.truth) == ("silent_days", f"leaves on {told.left_on} ({told.archetype})")
    assert wrong.truth == "stays"


def test_another_leading_reason_is_no_change_of_level() -> None:
    seen = Warnings(TOWN, BEGAN_AT, NOW_AT)
    seen.take(fact("s", utc("2025-03-20"), "high", "high"))
    assert not seen.newest
    assert not seen.levels


def test_the_summary_says_how_good_the_warnings_were() -> None:
    told, seen = leaver(), Warnings(TOWN, BEGAN_AT, NOW_AT)
    stayer = next(each for each in truth(TOWN, BEGAN_AT, NOW_AT + timedelta(days=200)) if each.archetype is None)
    seen.take(fact(told.subscriber_id, utc("2025-03-20")))
    seen.take(fact(stayer.subscriber_id, utc("2025-03-21")))
    said = summary(seen.judged(NOW_AT))
    assert str(said["of them would leave within 90 days"]).startswith("1 (precision 50%, lift ")
    assert said["days before leaving (quartiles)"] == "too few"


def test_nothing_warned_of_is_said_as_well() -> None:
    said = summary(Warnings(TOWN, BEGAN_AT, NOW_AT).judged(NOW_AT))
    assert said["false alarms per thousand customers"] == "0"
