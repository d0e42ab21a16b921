"""Texts that people write: bounded as the contract bounds them, and of characters that every database keeps."""

import unicodedata

from stream_app.console.cases.refused import Refused, Why
from stream_app.wire.fields import NAME_CHARACTERS, REMARK_CHARACTERS

SPACES = "\t\n\r"
NO_TEXT = frozenset({"Cc", "Cs"})  # control characters, halves of characters


def line(text: str | None) -> str | None:
    """Give a short text without the spaces around it, None where nothing is left; raises Refused."""
    return _clean(text or "", NAME_CHARACTERS) or None


def remark(text: str | None) -> str:
    """Give a longer text without the spaces around it; raises Refused."""
    return _clean(text or "", REMARK_CHARACTERS)


def _clean(text: str, most: int) -> str:
    stripped = text.strip()
    if len(stripped) > most:
        raise Refused(Why.TOO_LONG)
    if any(unicodedata.category(each) in NO_TEXT and each not in SPACES for each in stripped):
        raise Refused(Why.NOT_TEXT)
    return stripped
