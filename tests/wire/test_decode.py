"""Bytes become events, or the first reason of CONTRACTS section 5 why not, in words that help."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.core import events
from stream_app.core.months import month_number
from stream_app.wire.decode import LARGEST_BYTES, NO_KEY, Tick
from stream_app.wire.invalid import InvalidMessage, Reason
from stream_app.wire.ticks import encode_tick
from tests.wire.records import DECODER, LEAST_OF_TYPE, encoded, near_records, record, topic_of

AT = datetime(2025, 3, 1, tzinfo=UTC)


def refusal(topic: str | None, value: bytes | None, key: bytes | None = b"s-1") -> InvalidMessage:
    with pytest.raises(InvalidMessage) as caught:
        DECODER.event(topic, key, value)
    return caught.value


def reason_for(type_name: str, **changes: object) -> Reason:
    return refusal(topic_of(type_name), encoded(record(type_name, **changes))).reason


def decoded(type_name: str, **changes: object) -> events.Event:
    return DECODER.event(topic_of(type_name), b"s-1", encoded(record(type_name, **changes)))


def test_usage_decodes_with_its_defaults() -> None:
    assert decoded("usage.recorded") == events.UsageRecorded("e-1", "s-1", AT, "voice", 61, 30, True, "local")


def test_incoming_roaming_usage_decodes() -> None:
    usage = decoded("usage.recorded", direction="incoming", scope="domestic_roaming", service="data", volume_bytes=7)
    assert usage == events.UsageRecorded("e-1", "s-1", AT, "data", 7, 30, False, "domestic_roaming")


def test_months_become_integers_and_dates_dates() -> None:
    assert decoded("bill.issued", due_on="2025-03-20") == events.BillIssued(
        "e-1", "s-1", AT, month_number("2025-02"), "b-1", 1, date(2025, 3, 20)
    )


def test_a_profile_holds_only_what_came() -> None:
    updated = decoded("subscriber.updated", plan=None, language="zh", joined_on="2001-06-30")
    assert updated == events.SubscriberUpdated("e-1", "s-1", AT, {"language": "zh", "joined_on": "2001-06-30"})


def test_an_empty_text_is_a_trait_that_came() -> None:
    updated = decoded("subscriber.updated", plan="")
    assert isinstance(updated, events.SubscriberUpdated)
    assert updated.profile == {"plan": ""}


@pytest.mark.parametrize("type_name", list(LEAST_OF_TYPE))
def test_the_least_record_of_a_type_decodes_to_its_class(type_name: str) -> None:
    assert decoded(type_name).type == type_name


@pytest.mark.parametrize("type_name", list(LEAST_OF_TYPE))
def test_null_for_an_optional_field_is_no_field(type_name: str) -> None:
    optional = ("direction", "scope", "billing_month", "due_on", "bill_id", "reason", "ends_on", "until", "topic")
    nulls = {name: None for name in optional if name not in LEAST_OF_TYPE[type_name]}
    assert decoded(type_name, **nulls) == decoded(type_name)


@pytest.mark.parametrize("type_name", list(LEAST_OF_TYPE))
def test_every_instant_is_in_utc_itself(type_name: str) -> None:
    assert decoded(type_name, occurred_at="2025-03-01T05:30:00.5+05:30").occurred_at.tzinfo is UTC


def test_a_line_of_a_file_needs_no_topic_and_no_key() -> None:
    for type_name in LEAST_OF_TYPE:
        assert DECODER.event(None, NO_KEY, encoded(record(type_name))) == decoded(type_name)


def test_a_tick_in_a_file_is_taken_as_usage() -> None:
    assert refusal(None, encode_tick(AT, {})).reason == "wrong_topic"


def test_a_line_without_a_readable_type_is_refused_for_it() -> None:
    assert refusal(None, b'{"type": 5}').reason == "unknown_type"


def test_a_tick_is_not_an_event_even_on_its_own_topic() -> None:
    with pytest.raises(ValueError, match="for `tick` to read"):
        DECODER.event("clock", b"", encode_tick(AT, {}))


def test_a_tick_goes_there_and_back() -> None:
    positions = {"usage-events": 7, "billing-events": 0}
    at = datetime(2025, 3, 1, 0, 0, 0, 250_000, tzinfo=UTC)
    assert DECODER.tick(None, encode_tick(at, positions)) == Tick(at, positions)
    assert DECODER.tick(None, encode_tick(at, positions, 7, still=True)) == Tick(at, positions, 7, still=True)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "not_json"),
        (b"", "not_json"),
        (b"[1", "not_json"),
        (b'{"type": "usage.recorded", "note": 1e400, "open": ', "not_json"),
        (b'{"type": "usage.recorded", "note": 1e400}', "missing_field"),
        (b"[" * 2000 + b"]" * 2000, "not_json"),
        (b"7", "not_an_object"),
        (b'"{}"', "not_an_object"),
        (b"{}", "missing_field"),
        (b'{"type": null}', "unknown_type"),
        (b'{"type": "tier.changed"}', "unknown_type"),
        (b'{"type": "fee.charged"}', "wrong_topic"),
        (b'{"type": "usage.recorded", "charge_fen": "1"}', "missing_field"),
        (b" " * (LARGEST_BYTES + 1), "too_large"),
        (b" " * LARGEST_BYTES, "not_json"),
    ],
)
def test_the_first_reason_that_applies_is_given(value: bytes | None, reason: Reason) -> None:
    assert refusal("usage-events", value, key=None).reason == reason


def test_a_number_beyond_a_double_is_an_invalid_field_not_bad_json() -> None:
    value = encoded(record("fee.charged")).replace(b'"amount_fen": 1', b'"amount_fen": 1e400')
    assert refusal("billing-events", value).reason == "invalid_field"


def test_an_ill_typed_quantity_is_refused_even_where_another_fits() -> None:
    assert reason_for("usage.recorded", volume_bytes="none") == "invalid_field"


def test_a_required_field_that_is_null_is_invalid() -> None:
    assert reason_for("usage.recorded", duration_seconds=None) == "invalid_field"
    assert reason_for("bill.issued", billing_month=None) == "invalid_field"


def test_an_unknown_service_has_no_quantity_to_miss() -> None:
    assert reason_for("usage.recorded", service="fax") == "invalid_field"
    assert reason_for("usage.recorded", service=["voice"]) == "invalid_field"


def test_a_missing_field_comes_before_an_invalid_one() -> None:
    content = record("bill.issued", amount_fen="1")
    del content["bill_id"]
    assert refusal("billing-events", encoded(content)).reason == "missing_field"


def test_a_billing_month_may_be_one_after_that_of_the_event_and_no_later() -> None:
    late = "2025-03-31T16:00:00Z"  # already April in Shanghai
    assert decoded("fee.charged", occurred_at=late, billing_month="2025-05").stated_month == month_number("2025-05")
    assert reason_for("fee.charged", occurred_at=late, billing_month="2025-06") == "invalid_field"


@pytest.mark.parametrize(
    ("type_name", "name", "most", "beyond"),
    [
        ("bill.adjusted", "amount_fen", 10**13, 10**13 + 1),
        ("bill.adjusted", "amount_fen", -(10**13), -(10**13) - 1),
        ("payment.received", "amount_fen", 1, 0),
        ("fee.charged", "amount_fen", 0, -1),
        ("fee.charged", "event_id", "e" * 64, "e" * 65),
        ("fee.charged", "kind", "k" * 256, "k" * 257),
        ("fee.charged", "kind", "k", ""),
        ("payment.received", "method", "m" * 1024, "m" * 1025),
    ],
)
def test_amounts_and_texts_are_bounded(type_name: str, name: str, most: object, beyond: object) -> None:
    assert decoded(type_name, **{name: most}).type == type_name
    assert reason_for(type_name, **{name: beyond}) == "invalid_field"


@pytest.mark.parametrize("key", [None, b"", b"s-2", b"\xff"])
def test_a_key_that_is_not_the_subscriber_is_refused_last(key: bytes | None) -> None:
    assert refusal("usage-events", encoded(record("usage.recorded")), key).reason == "key_mismatch"
    assert refusal("usage-events", encoded(record("usage.recorded", charge_fen=-1)), key).reason == "invalid_field"


def test_a_tick_is_refused_by_the_same_reasons() -> None:
    for value, reason in (
        (b"{", "not_json"),
        (b'{"type": "usage.recorded"}', "wrong_topic"),
        (b'{"type": "clock.ticked"}', "missing_field"),
        (b'{"type": "clock.ticked", "at": "2025-03-01T00:00:00Z", "positions": {"a": -1}}', "invalid_field"),
        (b'{"type": "clock.ticked", "at": "now", "positions": {}}', "invalid_field"),
    ):
        with pytest.raises(InvalidMessage) as caught:
            DECODER.tick(None, value)
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("type_name", "changes", "message"),
    [
        ("fee.charged", {"amount_fen": "12"}, 'amount_fen is "12": write an integer, without quotes, fraction or'),
        ("fee.charged", {"amount_fen": -3}, "amount_fen is -3: it should be greater than or equal to 0"),
        ("fee.charged", {"kind": 7}, "kind is 7: write text, in quotes"),
        ("fee.charged", {"kind": "幹" * 300}, "(1802 characters): it should have at most 256 characters"),
        ("fee.charged", {"occurred_at": "noon"}, 'occurred_at is "noon": write RFC 3339 with an offset'),
        ("fee.charged", {"billing_month": "2025-06"}, "billing_month is 2025-06: at most one month after"),
        ("bill.issued", {"due_on": "31 March"}, 'due_on is "31 March": write a date as YYYY-MM-DD'),
        ("usage.recorded", {"duration_seconds": None}, "duration_seconds is null: this usage.recorded needs a value"),
        ("usage.recorded", {"service": "data"}, "volume_bytes missing: this usage.recorded needs it"),
        ("subscriber.updated", {"plan": None}, "one of plan, brand,"),
        ("usage.recorded", {"subscriber_id": "s-2"}, "the record's key is 's-1': use the subscriber_id, s-2"),
    ],
)
def test_a_message_names_the_field_what_stands_there_and_the_fix(
    type_name: str, changes: dict[str, object], message: str
) -> None:
    assert message in refusal(topic_of(type_name), encoded(record(type_name, **changes))).message


@given(near_records())
def test_a_message_is_one_short_line_of_ascii(content: dict[str, object]) -> None:
    message = ""
    try:
        DECODER.event(None, NO_KEY, encoded(content))
    except InvalidMessage as refused:
        message = refused.message
    assert message.isascii()
    assert message.isprintable()
    assert len(message) < 500


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_at_all_are_an_event_or_a_refusal(value: bytes) -> None:
    for topic in (None, "usage-events", "billing-events"):
        with pytest.raises(InvalidMessage):
            DECODER.event(topic, None, value)
