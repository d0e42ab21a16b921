"""A record that a release cannot work: the worker says which it is, and an operator can have it set aside."""

from typing import Any

import pytest

from stream_app.core.events import Event
from stream_app.lane.errors import LaneEnded, fatal
from stream_app.wire.decode import Decoder
from tests.worker.fake_lane import Harness, Log, around, usage

UNWORKABLE = "u1"


class FaultyDecoder(Decoder):
    """Stands for a fault of ours: it breaks on one record."""

    def event(self, topic: str | None, key: Any, value: bytes | None) -> Event:
        found = super().event(topic, key, value)
        if found.event_id == UNWORKABLE:
            message = "a fault of ours"
            raise RuntimeError(message)
        return found


def harness(*set_aside: tuple[str, int, int]) -> Harness:
    given = around()
    return Harness(given._replace(decoder=FaultyDecoder(given.policies.calendar), set_aside=set_aside))


def feed_three(made: Harness) -> None:
    log = Log()
    made.feed(log.put_tick("2025-03-01"))
    made.feed(*(log.put(usage(f"u{number}", "2025-03-01", 10**number)) for number in range(3)))
    made.commit()


def revenue_fen(made: Harness) -> int:
    found = made.work.look_up("s-1")
    assert found is not None
    return found.months[-1].revenue_fen


def test_an_error_says_at_which_record_it_happened() -> None:
    with pytest.raises(RuntimeError, match="a fault of ours") as broken:
        feed_three(harness())
    assert broken.value.__notes__ == ["at usage-events:0:1 (see the runbook, 'A record that stops the worker')"]


def test_the_last_word_of_a_worker_names_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(fatal, "hook", said.append)
    error = RuntimeError("x")
    error.add_note("at usage-events:0:1")
    with pytest.raises(LaneEnded):
        fatal("partition 0 failed", error)
    assert said == ["partition 0 failed: RuntimeError('x'), at usage-events:0:1"]


def test_a_record_that_is_set_aside_is_a_dead_letter_whole_and_its_neighbours_are_worked() -> None:
    made = harness(("usage-events", 0, 1))
    feed_three(made)
    assert revenue_fen(made) == 101
    [letter] = [output for output in made.outputs if output.topic == "dead-letters"]
    headers = dict(letter.headers)
    assert (headers["dl_reason"], headers["dl_offset"]) == (b"unknown_type", b"1")
    assert b"set aside by STREAM_APP_SET_ASIDE" in (headers["dl_message"] or b"")
    assert b'"u1"' in (letter.value or b"")
    assert made.committed["usage-events"] == 3


@pytest.mark.parametrize("elsewhere", [("usage-events", 1, 1), ("billing-events", 0, 1), ("usage-events", 0, 7)])
def test_what_is_set_aside_elsewhere_is_worked_here(elsewhere: tuple[str, int, int]) -> None:
    with pytest.raises(RuntimeError, match="a fault of ours"):
        feed_three(harness(elsewhere))
