"""The field types of the contract: what JSON stands for each, read strictly, and their JSON Schema.

A number in quotes, ``true`` or ``5.0`` is no integer; nothing is coerced. Bounds that CONTRACTS.md leaves open are set
here: amounts and quantities up to 10**13, so that the sum of 900,000 of them fits 64 bits; names 1 to 256 characters,
traits of a customer up to 256, remarks up to 1024.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, TypeVar

from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema

from stream_app.wire.instants import DATE_PATTERN, INSTANT_PATTERN, MONTH_PATTERN, read_date, read_instant, read_month
from stream_app.wire.invalid import refusal

T = TypeVar("T")
MOST = 10**13
ID_CHARACTERS, NAME_CHARACTERS, REMARK_CHARACTERS = 64, 256, 1024
SUBSCRIBER_ID_PATTERN = "^[A-Za-z0-9_-]{1,64}$"


def _text_as(read: Callable[[str], T | None], fix: str) -> PlainValidator:
    def validate(value: object) -> T:
        found = read(value) if isinstance(value, str) else None
        if found is None:
            message = f"write {fix}"
            raise refusal(message)
        return found

    return PlainValidator(validate)


def _schema(pattern: str, description: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "description": description})


Instant = Annotated[
    datetime,
    _text_as(read_instant, "RFC 3339 with an offset, up to microseconds, such as 2025-03-01T08:00:00+08:00"),
    _schema(INSTANT_PATTERN, "RFC 3339 with offset, up to microseconds; a UTC instant within the years 1 to 9999"),
]
Day = Annotated[
    date,
    _text_as(read_date, "a date as YYYY-MM-DD, such as 2025-03-01"),
    _schema(DATE_PATTERN, "YYYY-MM-DD"),
]
Month = Annotated[
    int,
    _text_as(read_month, "a month as YYYY-MM, such as 2025-03"),
    _schema(MONTH_PATTERN, "YYYY-MM"),
]

EventId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=ID_CHARACTERS)]
SubscriberId = Annotated[str, StringConstraints(strict=True, pattern=SUBSCRIBER_ID_PATTERN)]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=NAME_CHARACTERS)]
Trait = Annotated[str, StringConstraints(strict=True, max_length=NAME_CHARACTERS)]
Remark = Annotated[str, StringConstraints(strict=True, max_length=REMARK_CHARACTERS)]

Count = Annotated[int, Field(strict=True, ge=0, le=MOST)]
Fen = Count
PaidFen = Annotated[int, Field(strict=True, ge=1, le=MOST)]
SignedFen = Annotated[int, Field(strict=True, ge=-MOST, le=MOST)]
Offset = Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)]
