"""Facts become records that meet their schema; their ids derive from their cause."""

from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
import orjson
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stream_app.core.events import SCOPES, SERVICES
from stream_app.core.facts import (
    Cause,
    Fact,
    MonthClosed,
    Reason,
    TierChanged,
    UsageLine,
    ValueClass,
    WindowMonth,
    Worth,
)
from stream_app.core.months import month_number
from stream_app.wire.facts import encode_fact, fact_id, fact_object
from stream_app.wire.models_facts import FACT_MODELS, CloudEventHeaders
from stream_app.wire.schema_text import json_schema
from stream_app.wire.schemas import HEADER_SCHEMAS

VALIDATORS = {
    kind.type_name(): Draft202012Validator(json_schema(kind, "")) for kinds in FACT_MODELS.values() for kind in kinds
}
fens = st.integers(-(2**53), 2**53)
counts = st.integers(0, 2**53)
months = st.integers(2000 * 12, 2100 * 12)
codes = st.none() | st.sampled_from(["C1", "C6"])
common: dict[str, Any] = {
    "subscriber_id": st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    "occurred_at": st.datetimes(timezones=st.just(UTC)),
    "policy_version": st.text(min_size=1, max_size=32),
    "branch_id": st.none() | st.text(max_size=9),
    "cause": st.builds(
        Cause, st.sampled_from(["usage-events", "clock"]), st.integers(0, 64), counts, st.none() | st.text(min_size=1)
    ),
}
tier_changes = st.builds(
    TierChanged,
    **common,
    from_tier=codes,
    to_tier=codes,
    direction=st.sampled_from(["up", "down"]),
    reason=st.sampled_from(get_args(Reason)),
    provisional=st.booleans(),
    arpu_fen=fens,
    window=st.tuples(*[st.builds(WindowMonth, months, fens, st.booleans(), st.booleans())] * 3),
)
usage_lines = st.builds(
    UsageLine, st.sampled_from(SERVICES), st.sampled_from(SCOPES), st.booleans(), counts, counts, counts
)
month_closes = st.builds(
    MonthClosed,
    **common,
    month=months,
    revision=counts,
    revenue_fen=fens,
    billed=st.booleans(),
    arpu_fen=fens,
    official_tier=codes,
    on_network=st.booleans(),
    accrued_fen=counts,
    adjusted_fen=fens,
    usage=st.lists(usage_lines, max_size=3).map(tuple),
    worth=st.builds(Worth, st.sampled_from(get_args(ValueClass)), *[st.booleans()] * 3),
)

CHANGE = TierChanged(
    subscriber_id="s-1",
    occurred_at=datetime(2025, 3, 1, 0, 0, 0, 250_000, tzinfo=UTC),
    policy_version="default-1",
    branch_id=None,
    cause=Cause("usage-events", 3, 99, "e-1"),
    from_tier=None,
    to_tier="C6",
    direction="up",
    reason="live",
    provisional=True,
    arpu_fen=20000,
    window=(WindowMonth(month_number("2025-03"), 60000, billed=False, closed=False),),
)
ROW = MonthClosed(
    subscriber_id="s-1",
    occurred_at=datetime(2025, 3, 3, tzinfo=UTC),
    policy_version="default-1",
    branch_id="b-1",
    cause=Cause("clock", 3, 7),
    month=month_number("2025-02"),
    revision=0,
    revenue_fen=7,
    billed=True,
    arpu_fen=2,
    official_tier=None,
    on_network=True,
    accrued_fen=9,
    adjusted_fen=-2,
    usage=(UsageLine("data", "local", True, 5, 6, 7), UsageLine("voice", "domestic_roaming", False, 61, 0, 1)),
)


def test_a_tier_change_reads_as_the_contract_has_it() -> None:
    assert fact_object(CHANGE) == {
        "fact_id": fact_id(CHANGE),
        "type": "tier.changed",
        "subscriber_id": "s-1",
        "occurred_at": "2025-03-01T00:00:00.250000Z",
        "policy_version": "default-1",
        "cause": {"topic": "usage-events", "partition": 3, "offset": 99, "event_id": "e-1"},
        "from": None,
        "to": "C6",
        "direction": "up",
        "reason": "live",
        "provisional": True,
        "arpu_fen": 20000,
        "window": [{"billing_month": "2025-03", "revenue_fen": 60000, "billed": False, "closed": False}],
    }


def test_a_months_row_carries_its_usage_in_the_units_of_each_service() -> None:
    row = fact_object(ROW)
    assert row["branch_id"] == "b-1"
    assert row["cause"] == {"topic": "clock", "partition": 3, "offset": 7}
    assert row["usage"] == [
        {
            "service": "data",
            "scope": "local",
            "direction": "outgoing",
            "volume_bytes": 5,
            "charge_fen": 6,
            "records": 7,
        },
        {
            "service": "voice",
            "scope": "domestic_roaming",
            "direction": "incoming",
            "duration_seconds": 61,
            "charge_fen": 0,
            "records": 1,
        },
    ]


def test_a_fact_is_keyed_by_its_subscriber_and_wears_cloud_event_headers() -> None:
    topic, key, value, headers = encode_fact(CHANGE)
    assert (topic, key, orjson.loads(value)) == ("tier-changes", b"s-1", fact_object(CHANGE))
    texts = {name: text.decode() for name, text in headers}
    assert texts == {
        "ce_specversion": "1.0",
        "ce_id": fact_id(CHANGE),
        "ce_source": "/stream-app",
        "ce_type": "tier.changed",
        "ce_time": "2025-03-01T00:00:00.250000Z",
        "ce_subject": "s-1",
        "content-type": "application/json",
    }
    path = next(path for path, model in HEADER_SCHEMAS.items() if model is CloudEventHeaders)
    Draft202012Validator(json_schema(CloudEventHeaders, path)).validate(texts)


def test_an_id_changes_with_each_part_of_the_cause_and_with_nothing_else() -> None:
    ids = [
        fact_id(CHANGE),
        fact_id(msgspec.structs.replace(CHANGE, subscriber_id="s-2")),
        *(
            fact_id(msgspec.structs.replace(CHANGE, cause=cause))
            for cause in (Cause("billing-events", 3, 99), Cause("usage-events", 4, 99), Cause("usage-events", 3, 98))
        ),
        fact_id(ROW),
        fact_id(msgspec.structs.replace(ROW, month=ROW.month + 1)),
    ]
    assert len(set(ids)) == len(ids)
    assert fact_id(msgspec.structs.replace(ROW, revision=1, revenue_fen=8)) == fact_id(ROW)
    assert fact_id(msgspec.structs.replace(CHANGE, to_tier="C1", policy_version="b")) == fact_id(CHANGE)


def test_an_id_stays_what_it_was_in_the_first_release() -> None:
    assert fact_id(CHANGE) == "56a0875c5c1e195b05d1a99cebbd514d"


@given(tier_changes | month_closes)
def test_every_fact_meets_its_schema(fact: Fact) -> None:
    VALIDATORS[fact.type].validate(orjson.loads(encode_fact(fact).value))


@given(tier_changes | month_closes)
def test_a_fact_is_written_by_the_short_way_as_its_object_is(fact: Fact) -> None:
    assert encode_fact(fact).value == orjson.dumps(fact_object(fact))
    assert dict(encode_fact(fact).headers)["ce_id"].decode() == fact_id(fact)
