"""The simulated billing system enrols what a customer accepted, once and in time."""

from datetime import timedelta
from typing import Any

import orjson

from stream_app.demo.enrolling import SECONDS_TO_ENROL, Enrolling, enrolment
from stream_app.wire.decode import Decoder
from stream_app.worker.topics import Names
from tests.replay.lines import POLICIES, utc

SPEED = 600.0
DELAY = timedelta(seconds=SECONDS_TO_ENROL * SPEED)
AT = utc("2025-03-10T09:30")


def result(number: int = 1, **own: Any) -> dict[str, Any]:
    return {
        "event_id": f"r-{number}", "type": "contact.resulted", "subscriber_id": "s-1", "occurred_at": AT.isoformat(),
        "case_id": "c-1", "outcome": "accepted", "measure": "family_plan", **own,
    }  # fmt: skip


def hearing(*results: dict[str, Any]) -> Enrolling:
    found = Enrolling("127.0.0.1:1", Names("", "demo"), 1, SPEED)
    for each in results:
        found.hear(each)
    return found


def test_what_was_accepted_is_enrolled_once_and_not_before_its_time() -> None:
    billing = hearing(result())
    assert billing.due(AT + DELAY - timedelta(seconds=1)) == []
    [event] = billing.due(AT + DELAY)
    assert (event["type"], event["measure"], event["subscriber_id"]) == ("measure.enrolled", "family_plan", "s-1")
    assert billing.due(AT + timedelta(days=9)) == []
    assert billing.enrolled == 1


def test_what_was_refused_or_has_no_measure_is_not_enrolled() -> None:
    assert hearing(result(outcome="refused"), result(measure=None)).due(AT + timedelta(days=9)) == []


def test_enrolments_come_in_order_and_are_events_of_the_contract() -> None:
    later = result(2, occurred_at=(AT + timedelta(hours=1)).isoformat(), measure="mailbox")
    first, then = hearing(later, result()).due(AT + timedelta(days=1))
    assert (first["measure"], then["measure"]) == ("family_plan", "mailbox")
    assert ("until" in first, "until" in then) == (True, False)
    decoder = Decoder(POLICIES.calendar)
    for event in (first, then):
        decoder.event("subscriber-events", b"s-1", orjson.dumps(event))


def test_the_same_result_gives_the_same_event() -> None:
    assert enrolment(result(), AT) == enrolment(result(), AT)
