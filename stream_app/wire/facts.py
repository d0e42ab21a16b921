"""Facts -> JSON with CloudEvents 1.0 headers in binary mode (CONTRACTS section 5).

A fact's id derives from its cause, subscriber, type and, for a month's row, the month: worked again, it is the same.
Rule: `fact_object` says what a fact is as JSON. The rows of a close come by the thousand from one tick: `encode_fact`
writes them as text by a short way, with what they share written once, and a test holds the two equal to the byte.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import orjson
from xxhash import xxh3_128_hexdigest

from stream_app.core.events import QUANTITY_FIELDS, SCOPES, SERVICES
from stream_app.core.facts import (
    FACT_TYPES,
    Cause,
    ChurnOutcomeRecorded,
    ChurnRiskChanged,
    Fact,
    MonthClosed,
    QuotedOffer,
    RiskReason,
    TierChanged,
    UsageLine,
    WindowMonth,
)
from stream_app.core.months import month_name
from stream_app.wire.instants import write_instant

SOURCE = "/stream-app"


class Encoded(NamedTuple):
    """A record to publish."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class _Shared(NamedTuple):
    """What all the facts of one cause have in common, written once."""

    place: str  # the first parts of their ids
    time: bytes
    time_json: str
    cause_json: str


@lru_cache(maxsize=16)
def _shared(cause: Cause, occurred_at: datetime) -> _Shared:
    time = write_instant(occurred_at)
    place = f"{cause.topic}/{cause.partition}/{cause.offset}/"
    return _Shared(place, time.encode(), _json(time), _json(_cause(cause)))


@lru_cache(maxsize=64)
def _name(month: int) -> str:
    return month_name(month)


def _json(content: object) -> str:
    return orjson.dumps(content).decode()


_repeated = lru_cache(maxsize=1024)(_json)  # a text that stands in many rows


def fact_id(fact: Fact) -> str:
    """Derive the id of a fact from its cause; a correction's revision is not part of it, its cause is."""
    return _id(fact, _shared(fact.cause, fact.occurred_at).place)


def _id(fact: Fact, place: str) -> str:
    if isinstance(fact, MonthClosed):
        return xxh3_128_hexdigest(f"{place}{fact.subscriber_id}/{fact.type}/{_name(fact.month)}".encode())
    return xxh3_128_hexdigest(f"{place}{fact.subscriber_id}/{fact.type}".encode())


def fact_object(fact: Fact) -> dict[str, Any]:
    """Give the JSON object of a fact."""
    common = {
        "fact_id": fact_id(fact),
        "type": fact.type,
        "subscriber_id": fact.subscriber_id,
        "occurred_at": write_instant(fact.occurred_at),
        "policy_version": fact.policy_version,
        **({} if fact.branch_id is None else {"branch_id": fact.branch_id}),
        "cause": _cause(fact.cause),
    }
    return common | _OWN_FIELDS[type(fact)](fact)


def encode_fact(fact: Fact) -> Encoded:
    """Encode a fact as the record to publish, keyed by its subscriber."""
    shared, key = _shared(fact.cause, fact.occurred_at), fact.subscriber_id.encode()
    name = _id(fact, shared.place)
    return Encoded(
        fact.topic,
        key,
        _row_json(fact, name, shared).encode() if isinstance(fact, MonthClosed) else orjson.dumps(fact_object(fact)),
        [
            _SPEC_VERSION,
            ("ce_id", name.encode()),
            _SOURCE,
            _TYPES[type(fact)],
            ("ce_time", shared.time),
            ("ce_subject", key),
            _CONTENT_TYPE,
        ],
    )


_SPEC_VERSION, _SOURCE = ("ce_specversion", b"1.0"), ("ce_source", SOURCE.encode())
_CONTENT_TYPE = ("content-type", b"application/json")
_TYPES: Mapping[type[Fact], tuple[str, bytes]] = {kind: ("ce_type", kind.type.encode()) for kind in FACT_TYPES}


def _row_json(fact: MonthClosed, name: str, shared: _Shared) -> str:
    """Write what `fact_object` gives, by the short way."""
    branch = "" if fact.branch_id is None else f'"branch_id":{_repeated(fact.branch_id)},'
    tier, worth = "null" if fact.official_tier is None else _repeated(fact.official_tier), fact.worth
    usage = ",".join(
        [
            f"{_LINES[line.service, line.scope, line.outgoing]}{line.quantity},"
            f'"charge_fen":{line.charge_fen},"records":{line.records}}}'
            for line in fact.usage
        ]
    )
    return (
        f'{{"fact_id":"{name}","type":"{fact.type}","subscriber_id":{_json(fact.subscriber_id)},'
        f'"occurred_at":{shared.time_json},"policy_version":{_repeated(fact.policy_version)},{branch}'
        f'"cause":{shared.cause_json},"billing_month":"{_name(fact.month)}","revision":{fact.revision},'
        f'"revenue_fen":{fact.revenue_fen},"billed":{_BOOLS[fact.billed]},"arpu_fen":{fact.arpu_fen},'
        f'"official_tier":{tier},"on_network":{_BOOLS[fact.on_network]},"accrued_fen":{fact.accrued_fen},'
        f'"adjusted_fen":{fact.adjusted_fen},{_WORTHS[worth.dynamic, worth.important, worth.assessed]}'
        f'"value_class":"{worth.value_class}","usage":[{usage}]}}'
    )


_BOOLS = ("false", "true")
_WORTHS: Mapping[tuple[bool, ...], str] = {
    flags: '"dynamic":{},"important":{},"assessed":{},'.format(*(_BOOLS[flag] for flag in flags))
    for flags in product((False, True), repeat=3)
}
_LINES: Mapping[tuple[str, str, bool], str] = {
    (service, scope, outgoing): (
        f'{{"service":"{service}","scope":"{scope}","direction":"{"outgoing" if outgoing else "incoming"}",'
        f'"{QUANTITY_FIELDS[service]}":'
    )
    for service in SERVICES
    for scope in SCOPES
    for outgoing in (False, True)
}


def _cause(cause: Cause) -> dict[str, Any]:
    place = {"topic": cause.topic, "partition": cause.partition, "offset": cause.offset}
    return place if cause.event_id is None else place | {"event_id": cause.event_id}


def _tier_changed(fact: TierChanged) -> dict[str, Any]:
    return {
        "from": fact.from_tier,
        "to": fact.to_tier,
        "direction": fact.direction,
        "reason": fact.reason,
        "provisional": fact.provisional,
        "arpu_fen": fact.arpu_fen,
        "window": [window_object(month) for month in fact.window],
    }


def window_object(month: WindowMonth) -> dict[str, Any]:
    """Give the JSON object of a month of a window."""
    return {
        "billing_month": _name(month.month),
        "revenue_fen": month.revenue_fen,
        "billed": month.billed,
        "closed": month.closed,
    }


def _month_closed(fact: MonthClosed) -> dict[str, Any]:
    return {
        "billing_month": _name(fact.month),
        "revision": fact.revision,
        "revenue_fen": fact.revenue_fen,
        "billed": fact.billed,
        "arpu_fen": fact.arpu_fen,
        "official_tier": fact.official_tier,
        "on_network": fact.on_network,
        "accrued_fen": fact.accrued_fen,
        "adjusted_fen": fact.adjusted_fen,
        "dynamic": fact.worth.dynamic,
        "important": fact.worth.important,
        "assessed": fact.worth.assessed,
        "value_class": fact.worth.value_class,
        "usage": [_usage_line(line) for line in fact.usage],
    }


def _usage_line(line: UsageLine) -> dict[str, Any]:
    return {
        "service": line.service,
        "scope": line.scope,
        "direction": "outgoing" if line.outgoing else "incoming",
        QUANTITY_FIELDS[line.service]: line.quantity,
        "charge_fen": line.charge_fen,
        "records": line.records,
    }


def _churn_risk_changed(fact: ChurnRiskChanged) -> dict[str, Any]:
    return {
        "from": fact.from_level,
        "to": fact.to_level,
        "score": fact.score,
        "reasons": [reason_object(reason) for reason in fact.reasons],
        "protections": [reason_object(reason) for reason in fact.protections],
        "tier": fact.tier,
        "value_class": fact.value_class,
        "suggested_measures": list(fact.suggested_measures),
        "offers": [offer_object(offer) for offer in fact.offers],
        "channels": list(fact.channels),
    }


def _churn_outcome_recorded(fact: ChurnOutcomeRecorded) -> dict[str, Any]:
    return {
        "left": fact.left,
        "outcome_on": fact.outcome_on.isoformat(),
        "weight": fact.weight,
        "value_class": fact.value_class,
        "before": [
            {"days_before": each.days_before, "seen_on": each.seen_on.isoformat(), "indicators": dict(each.indicators)}
            for each in fact.before
        ],
    }


def reason_object(reason: RiskReason) -> dict[str, Any]:
    """Give the JSON object of a reason."""
    return {
        "indicator": reason.indicator,
        "points": reason.points,
        "value": reason.value,
        "evidence": dict(reason.evidence),
    }


def offer_object(offer: QuotedOffer) -> dict[str, Any]:
    """Give the JSON object of an offer."""
    return {name: getattr(offer, name) for name in offer.__struct_fields__}


_OWN_FIELDS: Mapping[type[Fact], Callable[[Any], dict[str, Any]]] = {
    TierChanged: _tier_changed,
    MonthClosed: _month_closed,
    ChurnRiskChanged: _churn_risk_changed,
    ChurnOutcomeRecorded: _churn_outcome_recorded,
}
