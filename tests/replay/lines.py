"""Files of events for the tests of replays, and the policy they run under."""

import gzip
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stream_app.core.months import calendar_for
from stream_app.core.policy import PolicySet
from stream_app.replay.entries import Entry, decode_lines
from stream_app.wire.decode import Decoder
from stream_app.wire.policy_file import parse_policy

POLICY_TEXT = """
version: plain-1
effective_at: 2017-01-01T00:00:00Z
billing: {zone: UTC, grace_hours: 48}
tiers: [{code: GOLD, floor_fen: 5000}, {code: SILVER, floor_fen: 2000}]
"""
POLICIES = PolicySet([parse_policy(POLICY_TEXT, "policy.yaml")])
DECODER = Decoder(calendar_for("UTC", 1))
FAR = datetime(2100, 1, 1, tzinfo=UTC)

Line = Mapping[str, Any] | bytes


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def line(content: Line) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def used(event_id: str, occurred_at: str, charge_fen: int = 100, subscriber_id: str = "s-1") -> dict[str, Any]:
    return {
        "type": "usage.recorded",
        "event_id": event_id,
        "subscriber_id": subscriber_id,
        "occurred_at": f"{occurred_at}Z",
        "service": "voice",
        "duration_seconds": 60,
        "charge_fen": charge_fen,
    }


def entries(*contents: Line) -> list[Entry]:
    return list(decode_lines(map(line, contents), DECODER, "events.ndjson"))


def write(path: Path, contents: Iterable[Line], *, packed: bool = False) -> Path:
    """Write a file of lines, packed or not."""
    content = b"".join(line(each) + b"\n" for each in contents)
    path.write_bytes(gzip.compress(content) if packed else content)
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(each) for each in path.read_bytes().splitlines()]
