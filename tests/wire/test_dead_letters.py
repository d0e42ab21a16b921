"""A dead letter holds the record as it came; it goes back the same; refusals do not pile up."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stream_app.wire.dead_letters import DeadLetter, dead_letter, original
from stream_app.wire.models_facts import DeadLetterHeaders
from stream_app.wire.schema_text import json_schema

payloads = st.none() | st.binary(max_size=20)
own_headers = st.lists(
    st.tuples(st.text(max_size=5).filter(lambda name: not name.startswith("dl_")), st.none() | st.binary(max_size=5))
)


class Came(NamedTuple):
    """A record as a Kafka client gives it."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


def refused(record: Came | DeadLetter, offset: int = 42) -> DeadLetter:
    where = ("usage-events", 3, offset, 1740787200000)
    return dead_letter(*where, record.key, record.value, record.headers, "not_json", "流量 is no JSON")


@given(payloads, payloads, own_headers)
def test_a_record_goes_back_as_it_came(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    assert original(refused(Came(key, value, headers))) == ("usage-events", key, value, headers)


@given(payloads, payloads, own_headers)
def test_a_second_refusal_replaces_the_first(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    once = refused(Came(key, value, headers))
    assert refused(once, offset=43) == refused(Came(key, value, headers), offset=43)
    assert refused(Came(*original(once)[1:])) == once


def test_the_headers_say_where_it_came_from_and_why() -> None:
    letter = refused(Came(b"k", b"v", [("trace", b"\xff")]))
    assert letter.headers[0] == ("trace", b"\xff")
    texts = {name: (text or b"").decode() for name, text in letter.headers[1:]}
    assert texts == {
        "dl_reason": "not_json",
        "dl_message": "流量 is no JSON",
        "dl_topic": "usage-events",
        "dl_partition": "3",
        "dl_offset": "42",
        "dl_timestamp": "1740787200000",
    }
    Draft202012Validator(json_schema(DeadLetterHeaders, "")).validate(texts)


def test_a_record_without_our_headers_is_no_dead_letter() -> None:
    with pytest.raises(ValueError, match="no dl_topic header"):
        original(Came(b"k", b"v", []))
