"""Why a record is refused: the reasons of CONTRACTS section 5 and the words that go with them.

A message names the field, what stands there (shortened, escaped to ASCII) and the fix.
"""

import json
from collections.abc import Mapping
from typing import Literal

from pydantic_core import ErrorDetails, PydanticCustomError

Reason = Literal[
    "too_large",
    "not_json",
    "not_an_object",
    "unknown_type",
    "wrong_topic",
    "missing_field",
    "invalid_field",
    "key_mismatch",
    "in_the_future",
    "month_not_correctable",
]
SHOWN_CHARACTERS = 60


class InvalidMessage(Exception):
    """A record that goes to the dead letters, with the first reason that applies."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason: Reason = reason
        self.message = message


def shown(value: object) -> str:
    """Write a value on one line of ASCII, shortened, as people find it in the record."""
    text = ascii(value)[1:] if isinstance(value, bytes) else _as_json(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}... ({len(text)} characters)"


def _as_json(value: object) -> str:
    try:
        return json.dumps(value, default=str)
    except RecursionError:  # JSON may be nested as deep as the reader goes; the writer goes less deep
        return "a value nested too deep to show"


def refusal(words: str) -> PydanticCustomError:
    """Make what a validator raises, in words of our own."""
    return PydanticCustomError("contract", "{words}", {"words": words})


def fix(error: ErrorDetails) -> str:
    """Say what to write instead of what was found."""
    return _FIXES.get(error["type"]) or error["msg"].replace("Input should", "it should").replace("String sh", "it sh")


_FIXES: Mapping[str, str] = {
    "int_type": "write an integer, without quotes, fraction or exponent",
    "string_type": "write text, in quotes",
    "bool_type": "write true or false",
    "dict_type": "write an object of names and values",
    "model_type": "write its keys and values below it, or leave it out",
}
