"""What requests may bring, bounded so that no database chokes on it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Header, Path
from pydantic import PlainValidator, StringConstraints, WithJsonSchema

from stream_app.console.web.forms import LONGEST_ID
from stream_app.wire.instants import INSTANT_PATTERN, read_instant

PLAIN = r"^[^\x00-\x1f\x7f]+$"


def _instant(value: object) -> datetime:
    found = read_instant(value) if isinstance(value, str) else None
    if found is None:
        message = "write RFC 3339 with an offset, such as 2025-01-01T00:00:00Z (a + as %2B)"
        raise ValueError(message)
    return found


AnInstant = Annotated[
    datetime,
    PlainValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=PLAIN)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID, pattern=PLAIN)]
IdInPath = Annotated[str, Path(min_length=1, max_length=LONGEST_ID, pattern=PLAIN)]
IdempotencyKey = Annotated[
    str,
    Header(
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="one of your own for each result or note: sent again under it, it is answered and not done again",
    ),
]
Answers = dict[int | str, dict[str, Any]]
