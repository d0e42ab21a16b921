"""The fast way for usage says what the models say, or nothing: on valid, nearly valid and mutated bytes."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stream_app.core.events import Event
from stream_app.wire.decode import NO_KEY
from stream_app.wire.fast_usage import read_usage
from stream_app.wire.invalid import InvalidMessage
from stream_app.wire.models import UsageRecorded
from tests.wire.records import DECODER, ODD_VALUES, encoded, near_records, record, usage_records


def judged(value: bytes, key: bytes | None) -> Event | InvalidMessage:
    try:
        return DECODER.judge("usage-events", key, value)
    except InvalidMessage as refusal:
        return refusal


def agrees(value: bytes) -> bool:
    fast = read_usage(value)
    return fast is None or fast == judged(value, fast.subscriber_id.encode())


@given(usage_records)
def test_every_valid_record_takes_the_fast_way_and_gives_the_same_event(content: dict[str, object]) -> None:
    fast = read_usage(encoded(content))
    assert fast is not None
    assert fast == DECODER.judge("usage-events", NO_KEY, encoded(content))
    assert repr(fast) == repr(DECODER.judge(None, NO_KEY, json.dumps(content, ensure_ascii=False).encode()))


@given(near_records(["usage.recorded"]))
def test_a_nearly_valid_record_is_never_let_through_by_the_fast_way_alone(content: dict[str, object]) -> None:
    assert agrees(encoded(content))


@pytest.mark.parametrize("name", list(UsageRecorded.model_fields))
def test_no_odd_value_of_a_field_is_let_through_by_the_fast_way_alone(name: str) -> None:
    for value in ODD_VALUES:
        assert agrees(encoded(record("usage.recorded", **{name: value})))


@given(usage_records, st.data())
def test_mutated_bytes_are_never_let_through_by_the_fast_way_alone(
    content: dict[str, object], data: st.DataObject
) -> None:
    value = bytearray(encoded(content | data.draw(st.sampled_from([{}, {"cell": ["a", 1.5, {"b": None}]}]))))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(value) - 1))
        inserted = data.draw(
            st.binary(max_size=2) | st.sampled_from([b"\\u", b'"', b"0", b".", b"-", b" ", b"\x00", b"e1"])
        )
        value[place : place + data.draw(st.integers(0, 2))] = inserted
    assert agrees(bytes(value))


@given(usage_records, st.sampled_from(["charge_fen", "event_id", "service", "occurred_at"]), st.integers(-1, 1))
@example(record("usage.recorded"), "charge_fen", -1)
def test_the_last_of_a_key_given_twice_wins_on_both_ways(content: dict[str, object], name: str, other: int) -> None:
    text = encoded(content).decode()
    assert agrees(f'{text[:-1]}, "{name}": {json.dumps(content[name])}}}'.encode())
    assert agrees(f'{text[:-1]}, "{name}": {other}}}'.encode())
    assert agrees(f'{{"{name}": {other}, {text[1:]}'.encode())


@pytest.mark.parametrize("known", ["1", '"a"', "null", "[1, {}]", "1e300"])
def test_the_fast_way_passes_over_unknown_fields(known: str) -> None:
    text = encoded(record("usage.recorded")).decode()
    assert read_usage(f'{{"cell": {known}, {text[1:]}'.encode()) == read_usage(text.encode())


@pytest.mark.parametrize(
    "unread", [b"1e400", b'"\xff"', b'"\\ud800"', b"[" * 1100 + b"]" * 1100, b"[" * 1010 + b"]" * 1010, b"NaN", b"01"]
)
def test_the_fast_way_does_not_pass_over_what_is_doubtful_json(unread: bytes) -> None:
    assert agrees(b'{"cell": ' + unread + b", " + encoded(record("usage.recorded"))[1:])


def test_the_fast_way_refuses_nothing_itself() -> None:
    for value in (b"", b"\xff", b"[]", b"{}", b'{"event_id":"\xff"}', encoded(record("usage.recorded", charge_fen=-1))):
        assert read_usage(value) is None
