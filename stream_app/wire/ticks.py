"""Ticks of the clock, as we write them ourselves (CONTRACTS section 1)."""

from collections.abc import Mapping
from datetime import datetime

import orjson

from stream_app.wire.instants import write_instant


def encode_tick(at: datetime, positions: Mapping[str, int], policies: int = 0, *, still: bool = False) -> bytes:
    """Encode the value of a tick; `positions` is feed topic -> next offset, read after `at` was fixed.

    So is `policies`, the next offset of that topic; 0: no version was published. One that is `still` moves no clock.
    """
    known = ({"policies": policies} if policies else {}) | ({"still": True} if still else {})
    return orjson.dumps({"type": "clock.ticked", "at": write_instant(at), "positions": dict(positions), **known})
