"""The fast way for `usage.recorded`, the hot path. It may only say yes.

Whatever it doubts goes to the models, which alone refuse.
Where there are unknown fields orjson is asked first: msgspec skips over them without checking that they are JSON.
Tests hold it equal to the models, on valid, nearly valid and mutated bytes.
"""

import re
from typing import Annotated, Literal

import orjson
from msgspec import DecodeError, Meta, Struct
from msgspec.json import Decoder

from stream_app.core.events import UsageRecorded
from stream_app.wire.fields import ID_CHARACTERS, MOST, SUBSCRIBER_ID_PATTERN
from stream_app.wire.instants import read_instant
from stream_app.wire.models import Direction, Scope, Service

_Id = Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS)]
_Count = Annotated[int, Meta(ge=0, le=MOST)]
_is_subscriber_id = re.compile(SUBSCRIBER_ID_PATTERN).fullmatch


class _Usage(Struct, gc=False):
    event_id: _Id
    type: Literal["usage.recorded"]
    subscriber_id: _Id
    occurred_at: str
    service: Service
    charge_fen: _Count
    duration_seconds: _Count | None = None
    volume_bytes: _Count | None = None
    message_count: _Count | None = None
    direction: Direction | None = None
    scope: Scope | None = None


class _PlainUsage(_Usage, gc=False, forbid_unknown_fields=True):
    pass


_decode_plain, _decode = Decoder(_PlainUsage).decode, Decoder(_Usage).decode


def read_usage(value: bytes) -> UsageRecorded | None:
    """Read a plainly valid `usage.recorded`; None for anything else."""
    try:
        return _event(_decode_plain(value))
    except (DecodeError, UnicodeDecodeError):
        return _read_with_unknown_fields(value)


def _read_with_unknown_fields(value: bytes) -> UsageRecorded | None:
    try:
        orjson.loads(value)
        return _event(_decode(value))
    except (DecodeError, ValueError, RecursionError):
        return None


def _event(usage: _Usage) -> UsageRecorded | None:
    at, subscriber_id, service = read_instant(usage.occurred_at), usage.subscriber_id, usage.service
    if service == "voice":
        quantity = usage.duration_seconds
    else:
        quantity = usage.volume_bytes if service == "data" else usage.message_count
    if at is None or quantity is None:
        return None
    if not (subscriber_id.isascii() and subscriber_id.isalnum()) and _is_subscriber_id(subscriber_id) is None:
        return None
    return UsageRecorded(
        usage.event_id,
        subscriber_id,
        at,
        service,
        quantity,
        usage.charge_fen,
        usage.direction != "incoming",
        usage.scope or "local",
    )
