"""How fast channels go, and how long they wait."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from stream_app.console.channels.pacing import LONGEST_WAIT_SECONDS, Gate, wait_seconds
from stream_app.console.channels.posting import retry_after_seconds

NOW = datetime(2031, 1, 1, tzinfo=UTC)
steps = st.lists(st.floats(0, 40), min_size=1, max_size=120)


@given(steps, st.integers(1, 20))
def test_no_minute_sees_more_than_the_rate(waits: list[float], rate: int) -> None:
    gate, now, gone_out = Gate(rate), NOW, list[datetime]()
    for wait in waits:
        now += timedelta(seconds=wait)
        if gate.room(now) > 0:
            gate.count(now)
            gone_out.append(now)
    for at in gone_out:
        assert sum(at <= other < at + timedelta(seconds=60) for other in gone_out) <= rate


def test_a_gate_that_is_opened_anew_remembers_what_went_out() -> None:
    gate = Gate(3, [NOW - timedelta(seconds=10), NOW - timedelta(seconds=5)])
    assert gate.room(NOW) == 1
    assert gate.room(NOW + timedelta(seconds=52)) == 2


def test_what_is_shut_lets_nothing_out_until_then() -> None:
    gate = Gate(20)
    gate.shut(NOW + timedelta(minutes=10))
    assert gate.room(NOW + timedelta(minutes=9)) == 0
    assert gate.room(NOW + timedelta(minutes=10)) == 20


@given(st.text(max_size=40), st.integers(1, 60), st.floats(0, 1e7))
def test_waits_are_drawn_from_the_id_alone_and_bounded(name: str, tries: int, asked_seconds: float) -> None:
    seconds = wait_seconds(name, tries, asked_seconds)
    assert seconds == wait_seconds(name, tries, asked_seconds)
    assert min(asked_seconds, 86_400) <= seconds <= max(LONGEST_WAIT_SECONDS, min(asked_seconds, 86_400))


@given(st.text(max_size=40), st.integers(1, 6))
def test_waits_never_get_shorter_before_their_bound(name: str, tries: int) -> None:
    assert wait_seconds(name, tries) <= wait_seconds(name, tries + 1) <= 4 * wait_seconds(name, tries)


def test_different_ids_wait_differently() -> None:
    assert len({wait_seconds(f"delivery-{number}", 3) for number in range(50)}) == 50


def test_a_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    assert retry_after_seconds("120", NOW) == 120
    assert retry_after_seconds("Wed, 01 Jan 2031 00:05:00 GMT", NOW) == 300
    assert retry_after_seconds("Wed, 01 Jan 2020 00:05:00 GMT", NOW) == 0
    assert retry_after_seconds("soon", NOW) == 0
    assert retry_after_seconds("", NOW) == 0
