"""Lines that are no events, for each reason of CONTRACTS section 5 that a line can have by itself."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.cases import Line
from tests.oracle.settings import TOUCH, Draw, Setting, instants, said

NO_OBJECTS = (b"{", b"\xff{}", b"[]", b"null", b"7", b'"text"', b'{"type": NaN}')
WRONG: tuple[dict[str, Any], ...] = (
    {"type": "usage.invented"},
    {"type": 7},
    {"event_id": ""},
    {"event_id": "e" * 65},
    {"event_id": 5},
    {"subscriber_id": "s 1"},
    {"subscriber_id": "s" * 65},
    {"occurred_at": "2024-03-01T00:00:00"},
    {"occurred_at": "2024-03-01"},
    {"occurred_at": "2024-02-30T00:00:00Z"},
    {"occurred_at": "2024-03-01T00:00:00.1234567Z"},
    {"amount_fen": -1},
    {"amount_fen": 1.5},
    {"amount_fen": True},
    {"amount_fen": "1"},
    {"billing_month": "2024-13"},
    {"billing_month": "2031-01"},
)
FEE: dict[str, Any] = {"type": "fee.charged", "subscriber_id": "s1", "kind": "plan", "amount_fen": 30}
REQUIRED = ("type", "event_id", "subscriber_id", "occurred_at", "kind", "amount_fen")


@st.composite
def spoilt(draw: Draw, setting: Setting) -> tuple[datetime, Line]:
    """Draw an instant to stand at and a line that is rejected whatever was worked before (or is just short of it)."""
    at = draw(instants(setting))
    event = {**FEE, "event_id": f"w{draw(st.integers(0, 99))}", "occurred_at": said(at)}
    fault = draw(st.integers(0, 4))
    if fault == 0:
        return at, draw(st.sampled_from(NO_OBJECTS))
    if fault == 1:
        return at, {**event, **draw(st.sampled_from(WRONG))}
    if fault == 2:
        missing = draw(st.sampled_from(REQUIRED))
        return at, {name: value for name, value in event.items() if name != missing}
    if fault == 3:
        padding = draw(st.sampled_from((0, 1)))
        return at, _padded(event, 64 * 1024 + padding)
    ahead = timedelta(hours=draw(st.sampled_from((0, 1, 1)))) + draw(st.sampled_from((-1, 0, 1))) * TOUCH
    return at, {**event, "occurred_at": said(setting.until + ahead)}


def _padded(event: Mapping[str, Any], size_bytes: int) -> bytes:
    bare = json.dumps({**event, "note": ""}).encode()
    return json.dumps({**event, "note": "n" * (size_bytes - len(bare))}).encode()
