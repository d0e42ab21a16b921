"""What the desk hears is what the contract says: every example of the schemas is read, and kept in a case unharmed."""

import json
from pathlib import Path
from typing import Any

import pytest

from stream_app.console.cases.hearing import READERS, event_key, hear, instant
from stream_app.console.cases.rows import reason_object, reason_of
from stream_app.core.desk.heard import Enrolled, RiskTold, Switched, TierMoved
from tests.wire.records import record

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"


def examples(topic: str) -> list[dict[str, Any]]:
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((EXAMPLES / topic).rglob("*.json"))]
    assert found, topic
    return found


def test_every_example_of_a_risk_is_read() -> None:
    for fact in examples("churn-risk"):
        heard = hear(fact)
        assert isinstance(heard, RiskTold)
        assert (heard.fact_id, heard.score, heard.tier) == (fact["fact_id"], fact["score"], fact["tier"])
        assert [reason.name for reason in heard.reasons] == [reason["indicator"] for reason in fact["reasons"]]
        assert heard.has_left == (fact["reasons"][0]["indicator"] == "left")


def test_every_example_of_a_tier_is_read() -> None:
    for fact in examples("tier-changes"):
        heard = hear(fact)
        assert isinstance(heard, TierMoved)
        assert (heard.from_tier, heard.to_tier, heard.why) == (fact["from"], fact["to"], fact["reason"])


def test_a_reason_goes_into_a_row_and_comes_out_the_same() -> None:
    for fact in examples("churn-risk"):
        heard = hear(fact)
        assert isinstance(heard, RiskTold)
        for reason in heard.reasons:
            assert reason_of(json.loads(json.dumps(reason_object(reason)))) == reason


def test_events_are_told_apart_by_subscriber_type_and_id() -> None:
    left, back = hear(record("subscriber.deactivated")), hear(record("subscriber.activated"))
    enrolled = hear(record("measure.enrolled", measure="mailbox"))
    assert isinstance(left, Switched)
    assert isinstance(back, Switched)
    assert isinstance(enrolled, Enrolled)
    assert (left.is_on, back.is_on, enrolled.measure) == (False, True, "mailbox")
    ids = {event_key(record(kind, **own)) for kind in ("subscriber.activated", "measure.enrolled") for own in OWN}
    assert len(ids) == 6
    assert event_key(record("measure.enrolled")) == event_key(record("measure.enrolled", measure="other"))


OWN: list[dict[str, str]] = [{}, {"event_id": "e-2"}, {"subscriber_id": "s-2"}]


def test_what_is_no_concern_of_the_desk_is_nothing() -> None:
    assert "payment.received" not in READERS
    assert hear(record("payment.received")) is None


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no instant"):
        instant("2025-03-01T08:00:00")
