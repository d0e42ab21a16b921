"""What came of a try to tell somebody."""

from typing import NamedTuple

LONGEST_SAID = 200  # characters of what a receiver says


class Outcome(NamedTuple):
    """What the receiver said, for the log; never a secret, never a URL."""

    said: str
    is_told: bool = False
    is_final: bool = False  # this message will never be taken: no further try
    wait_seconds: float = 0.0  # the receiver asks for as much
    shut_seconds: float = 0.0  # nothing can go through the channel for so long


def told(said: str) -> Outcome:
    """Say that it was taken."""
    return Outcome(said, is_told=True)


def without(text: str, secrets: tuple[str, ...]) -> str:
    """Shorten what a receiver says to one line, without secrets that it might repeat."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return "".join(sign if sign.isprintable() else " " for sign in text)[:LONGEST_SAID]
