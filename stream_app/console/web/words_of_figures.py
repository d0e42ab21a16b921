"""The words of figures: groups that customers are counted by, services, arms, verdicts, where letters come from."""

from collections.abc import Mapping
from typing import Final

from stream_app.console.web.language import N_, Language

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "tenure": {
        "short": N_("short tenure"),
        "medium": N_("medium tenure"),
        "long": N_("long tenure"),
        "": N_("tenure unknown"),
    },
    "service": {
        "local": N_("local calls"),
        "domestic_long_distance": N_("domestic long distance"),
        "international_long_distance": N_("international long distance"),
        "domestic_roaming": N_("domestic roaming"),
        "international_roaming": N_("international roaming"),
        "sms": N_("SMS"),
        "mms": N_("MMS"),
        "data": N_("data"),
        "value_added": N_("value-added"),
    },
    "arm": {
        "called": N_("called"),
        "held_out": N_("held out"),
        "exempt": N_("never held out"),
        "": N_("no case"),
    },
    "verdict": {
        "too_few": N_("too few cases to tell"),
        "better": N_("better than without calls"),
        "worse": N_("worse than without calls"),
        "open": N_("no difference shown"),
    },
    "unit": {  # of what the early warning's indicators read
        "fen": N_("in yuan"),
        "percent": N_("in percent"),
        "days": N_("in days"),
        "months": N_("in months"),
        "number": N_("a number"),
    },
    "place": {
        "none": N_("no tier"),
        "new": N_("new or back"),
        "left": N_("left"),
    },
    "delivery": {
        "waiting": N_("waiting"),
        "sent": N_("sent"),
        "digested": N_("put into a digest"),
        "dead": N_("dead"),
    },
}


def told(spoken: Language, group: str, code: str) -> str:
    """Put a code of a group into words; one that has none stays as it is."""
    known = WORDS[group].get(code)
    return code if known is None else spoken.say(known)
