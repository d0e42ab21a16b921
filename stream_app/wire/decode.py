"""Bytes -> events and ticks, or the first reason of CONTRACTS section 5 why not.

The order: too_large, not_json, not_an_object, unknown_type, wrong_topic, missing_field, invalid_field, key_mismatch.
The last two reasons of the section need a clock and are the engine's.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from itertools import accumulate
from typing import Final, NamedTuple, TypeVar

import orjson
from msgspec import DecodeError
from msgspec.json import Decoder as JsonDecoder
from pydantic import ValidationError

from stream_app.core.events import CLOCK_TOPIC, TOPIC_OF_TYPE, USAGE_TOPIC, Event
from stream_app.core.months import BillingCalendar, month_name
from stream_app.wire import models, models_subscriber
from stream_app.wire.fast_usage import read_usage
from stream_app.wire.invalid import InvalidMessage, fix, shown
from stream_app.wire.models import ClockTicked, EventMessage, Message

M = TypeVar("M", bound=Message)
LARGEST_BYTES = 64 * 1024
EVENT_MODELS: Mapping[str, type[EventMessage]] = {
    model.type_name(): model
    for model in (
        models.UsageRecorded,
        models.FeeCharged,
        models.BillIssued,
        models.BillAdjusted,
        models.PaymentReceived,
        models.BalanceReported,
        models_subscriber.SubscriberActivated,
        models_subscriber.SubscriberUpdated,
        models_subscriber.SubscriberDeactivated,
        models_subscriber.ContractSigned,
        models_subscriber.ContractEnded,
        models_subscriber.MeasureEnrolled,
        models_subscriber.MeasureEnded,
        models_subscriber.ComplaintFiled,
        models_subscriber.ComplaintClosed,
        models_subscriber.CompetitorContacted,
        models_subscriber.PortoutRequested,
        models.ContactResulted,
    )
}


class NoKey(Enum):
    """The key of what has none: a line of a file."""

    NO_KEY = auto()


NO_KEY: Final = NoKey.NO_KEY


class Tick(NamedTuple):
    """A tick of a partition's clock, with the next offset of each feed that must be worked before it counts."""

    at: datetime
    positions: Mapping[str, int]
    policies: int = 0  # the next offset of the topic `policies` when it was made
    still: bool = False  # moves no clock


class Decoder:
    """Decodes the records of all feeds; the calendar judges `billing_month` against `occurred_at`."""

    def __init__(self, calendar: BillingCalendar) -> None:
        self._calendar = calendar

    def event(self, topic: str | None, key: bytes | NoKey | None, value: bytes | None) -> Event:
        """Decode a record of a feed, or a line of a file where `topic` is None: there the type says the topic.

        Raises InvalidMessage.
        """
        if value is not None and len(value) <= LARGEST_BYTES and _looks_like_usage(topic, value):
            usage = read_usage(value)
            if usage is not None and (key is NO_KEY or key == usage.subscriber_id.encode()):
                return usage
        return self.judge(topic, key, value)

    def judge(self, topic: str | None, key: bytes | NoKey | None, value: bytes | None) -> Event:
        """Decode by the models alone: what `event` must agree with, and the only one to refuse."""
        fields = _fields(value)
        model = EVENT_MODELS.get(_type_on(topic, fields))
        if model is None:
            message = f"a clock.ticked on topic {topic} is for `tick` to read"
            raise ValueError(message)
        event = _validated(model, fields).event()
        self._check_month(event)
        if key is not NO_KEY:
            _check_key(key, event.subscriber_id)
        return event

    def tick(self, key: bytes | None, value: bytes | None) -> Tick:  # noqa: ARG002 - a tick's key says nothing
        """Decode a record of the clock; raises InvalidMessage."""
        fields = _fields(value)
        _type_on(CLOCK_TOPIC, fields)
        ticked = _validated(ClockTicked, fields)
        return Tick(ticked.at, ticked.positions, ticked.policies or 0, bool(ticked.still))

    def _check_month(self, event: Event) -> None:
        stated = event.stated_month
        if stated is None:
            return
        latest = self._calendar.month_of(event.occurred_at) + 1
        if stated > latest:
            raise InvalidMessage(
                reason="invalid_field",
                message=f"billing_month is {month_name(stated)}: at most one month after that of occurred_at, "
                f"so {month_name(latest)} or earlier",
            )


def _looks_like_usage(topic: str | None, value: bytes) -> bool:
    return topic == USAGE_TOPIC or (topic is None and b'"usage.recorded"' in value)


_any_number = JsonDecoder(float_hook=float)
# How deep it reads depends on how deep the caller stands; within this it always can, so the answer is always the same.
DEEPEST_WITH_ANY_NUMBER = 200
_STRING, _NO_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL), re.compile(rb"[^\[\]{}]+")


def _fields(value: bytes | None) -> dict[str, object]:
    if value is None:
        raise InvalidMessage(reason="not_json", message="the record has no value (a tombstone): send a JSON object")
    if len(value) > LARGEST_BYTES:
        raise InvalidMessage(
            reason="too_large", message=f"the record has {len(value)} bytes: send at most {LARGEST_BYTES}"
        )
    found = _parsed(value)
    if not isinstance(found, dict):
        raise InvalidMessage(
            reason="not_an_object", message=f"the record is {shown(found)}: send one JSON object, in braces"
        )
    return found


def _parsed(value: bytes) -> object:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as refusal:
        if "infinity" in str(refusal):  # 1e400 is JSON, though no number that fits
            return _parsed_with_any_number(value)
        raise InvalidMessage(
            reason="not_json",
            message=f"the record is not JSON in UTF-8 ({refusal}); it starts with {shown(value[:20])}",
        ) from None


def _parsed_with_any_number(value: bytes) -> object:
    if _depth(value) > DEEPEST_WITH_ANY_NUMBER:
        message = f"the record is nested more than {DEEPEST_WITH_ANY_NUMBER} deep, with a number that fits no reader"
        raise InvalidMessage(reason="not_json", message=message)
    try:
        return _any_number.decode(value)
    except (DecodeError, UnicodeDecodeError, RecursionError) as refusal:
        raise InvalidMessage(reason="not_json", message=f"the record is not JSON in UTF-8 ({refusal})") from None


def _depth(value: bytes) -> int:
    brackets = _NO_BRACKET.sub(b"", _STRING.sub(b"", value))
    return max(accumulate(1 if bracket in b"[{" else -1 for bracket in brackets), default=0)


def _type_on(topic: str | None, fields: Mapping[str, object]) -> str:
    if "type" not in fields:
        raise InvalidMessage(
            reason="missing_field", message="type is missing: every record names its type, such as usage.recorded"
        )
    name = fields["type"]
    home = TOPIC_OF_TYPE.get(name) if isinstance(name, str) else None
    if home is None:
        raise InvalidMessage(
            reason="unknown_type", message=f"type is {shown(name)}: write one of {', '.join(EVENT_MODELS)}"
        )
    found_on = topic or (USAGE_TOPIC if home == CLOCK_TOPIC else home)
    if found_on != home:
        raise InvalidMessage(reason="wrong_topic", message=f"type {name} came on topic {found_on}: send it to {home}")
    return str(name)


def _validated(model: type[M], fields: dict[str, object]) -> M:
    missing = list(model.absent(fields))
    if missing:
        raise InvalidMessage(
            reason="missing_field", message=f"{' and '.join(missing)} missing: this {model.type_name()} needs it"
        )
    try:
        record = model.model_validate(fields)
    except ValidationError as refusal:
        raise InvalidMessage(reason="invalid_field", message=_words(refusal)) from None
    null = record.null_field()
    if null is not None:
        raise InvalidMessage(reason="invalid_field", message=f"{null} is null: this {model.type_name()} needs a value")
    return record


def _words(refusal: ValidationError) -> str:
    first = refusal.errors(include_url=False)[0]
    first_part, *deeper = first["loc"]
    field = str(first_part) + "".join(f"[{shown(part)}]" for part in deeper)
    return f"{field} is {shown(first['input'])}: {fix(first)}"


def _check_key(key: bytes | None, subscriber_id: str) -> None:
    if key == subscriber_id.encode():
        return
    raise InvalidMessage(
        reason="key_mismatch",
        message=f"the record's key is {'null' if key is None else shown(key)}: use the subscriber_id, {subscriber_id}",
    )
