"""What the fuzzer has found, each in its shortest form."""

from datetime import UTC, datetime, timedelta

import pytest

from stream_app.core.clock import last_closed
from stream_app.core.months import EARLIEST, LATEST
from stream_app.core.policy import PolicySet
from stream_app.wire.invalid import InvalidMessage
from stream_app.wire.policy_file import PolicyError, parse_policy
from stream_app.wire.stored import LAYOUT, UnreadableState, dump_subscriber, load_subscriber
from stream_app.worker.timely import not_after
from tests.wire.records import DECODER, encoded, record
from tests.worker.fake_lane import TIMESTAMP_MS, Harness, Log, policy, usage

DEEP = b"[" * 1000 + b"]" * 1000


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (DEEP, "not_an_object"),
        (b'{"type": ' + DEEP + b"}", "unknown_type"),
        (encoded(record("fee.charged"))[:-1] + b', "amount_fen": ' + DEEP + b"}", "invalid_field"),
    ],
)
def test_a_value_nested_deeper_than_can_be_shown_is_refused_all_the_same(value: bytes, reason: str) -> None:
    with pytest.raises(InvalidMessage, match="a value nested too deep to show") as refusal:
        DECODER.judge(None, b"s-1", value)
    assert refusal.value.reason == reason


def test_a_clock_may_stand_in_the_first_hours_of_the_year_1() -> None:
    first = datetime(1, 1, 1, tzinfo=UTC)
    assert last_closed(first, PolicySet([policy()])) == last_closed(first + timedelta(hours=1), PolicySet([policy()]))


def test_a_row_with_text_that_is_not_utf_8_says_to_rebuild_the_state() -> None:
    row = dump_subscriber(load_subscriber(LAYOUT + b"\x95\x05\x02\x07\x00\xa4GOLD"))
    with pytest.raises(UnreadableState, match="rebuild the state from its changelog"):
        load_subscriber(row.replace(b"GOLD", b"G\xffLD"))


@pytest.mark.parametrize("timestamp_ms", [2**63 - 1, -(2**63), -1, 0])
def test_any_kafka_timestamp_has_a_limit(timestamp_ms: int) -> None:
    assert EARLIEST <= not_after(timestamp_ms) <= LATEST


def test_a_tick_ahead_of_its_own_record_closes_nothing_and_is_kept_as_a_dead_letter() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put(usage("u1", "2025-03-01", 100)))
    harness.feed(log.put_tick("2025-03-02"))
    ahead = datetime.fromtimestamp(TIMESTAMP_MS / 1000, UTC) + timedelta(hours=1, microseconds=1)
    harness.feed(log.put_tick(ahead))
    harness.commit()
    assert harness.work.ledger.clock.at == datetime(2025, 3, 2, tzinfo=UTC)
    (letter,) = [output for output in harness.outputs if output.topic == "dead-letters"]
    assert dict(letter.headers)["dl_reason"] == b"in_the_future"


@pytest.mark.parametrize(
    "value", ["!!int ''", "!!int '-'", "!!float ''", "!!bool 3", "!!timestamp x", "!!timestamp ''"]
)
def test_a_policy_with_a_value_that_is_not_of_its_yaml_type_is_refused_in_words(value: str) -> None:
    with pytest.raises(PolicyError, match=r"policy.yaml"):
        parse_policy(f"version: a\neffective_at: {value}\n", "policy.yaml")


def test_a_policy_nested_too_deep_is_refused_in_words() -> None:
    with pytest.raises(PolicyError, match=r"policy.yaml: nested too deep"):
        parse_policy("version: " + "[" * 3000, "policy.yaml")


@pytest.mark.parametrize(("depth", "is_read"), [(150, True), (250, False), (900, False), (1010, False)])
@pytest.mark.parametrize("stack", [0, 300])
def test_how_deep_a_record_with_a_number_that_fits_nothing_is_read_does_not_depend_on_who_asks(
    depth: int, stack: int, *, is_read: bool
) -> None:
    odd = b'"note": 1e400, "text": "[[", "deep": ' + b"[" * depth + b"]" * depth
    value = encoded(record("fee.charged"))[:-1] + b", " + odd + b"}"
    assert read_from_below(stack, value) == ("read" if is_read else "not_json")


def read_from_below(stack: int, value: bytes) -> str:
    if stack:
        return read_from_below(stack - 1, value)
    try:
        DECODER.judge(None, b"s-1", value)
    except InvalidMessage as refusal:
        return refusal.reason
    return "read"
