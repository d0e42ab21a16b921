"""The words of figures: groups that customers are counted by, services, arms, verdicts, where letters come from."""

from collections.abc import Mapping
from typing import Final

from stream_app.console.web.language import N_, Language
from stream_app.console.web.words import NOTHING
from stream_app.console.web.words_of_actions import ACTIONS

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
    "action": ACTIONS,
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
    "letter": {  # why a record is a dead letter (CONTRACTS section 5)
        "too_large": N_("too large"),
        "not_json": N_("not JSON"),
        "not_an_object": N_("no JSON object"),
        "unknown_type": N_("unknown type of event"),
        "wrong_topic": N_("on the wrong topic"),
        "missing_field": N_("a field is missing"),
        "invalid_field": N_("a field is not valid"),
        "key_mismatch": N_("the key is another customer's"),
        "in_the_future": N_("lies in the future"),
        "month_not_correctable": N_("its month is no longer corrected"),
    },
    "delivery": {
        "waiting": N_("waiting"),
        "sent": N_("sent"),
        "digested": N_("put into a digest"),
        "dead": N_("dead"),
    },
}


DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS = 86_400, 3_600, 60


def age(spoken: Language, seconds: int | None) -> str:
    """Tell how old something is, in its two largest units; a dash where that is not known."""
    if seconds is None:
        return NOTHING
    hours, minutes = seconds // HOUR_SECONDS, seconds % HOUR_SECONDS // MINUTE_SECONDS
    if seconds >= DAY_SECONDS:
        return spoken.say(N_("%(days)s d %(hours)s h"), days=f"{hours // 24:,}", hours=hours % 24)
    if hours:
        return spoken.say(N_("%(hours)s h %(minutes)s min"), hours=hours, minutes=minutes)
    return spoken.say(N_("%(minutes)s min"), minutes=minutes)


def told(spoken: Language, group: str, code: str) -> str:
    """Put a code of a group into words; one that has none stays as it is."""
    known = WORDS[group].get(code)
    return code if known is None else spoken.say(known)
