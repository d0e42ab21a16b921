"""The field's words, once: codes of facts and cases, and the sentences that say why, in the reader's language.

Rule: English stands here, Chinese in desk.po, both by docs/glossary.md. A code that has no words is shown as it is,
since policies and feeds may name tiers, measures and reasons of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stream_app.console.web.language import N_, Language
from stream_app.console.web.words_of_codes import GROUPS, LEVELS
from stream_app.console.web.words_of_reasons import EVIDENCE, MONTHS_OF, REPEATING, SENTENCES, UNITS
from stream_app.core.desk.heard import Reason
from stream_app.core.policy import Policy

NOTHING: Final = "—"
BYTES_A_MB = 1_000_000


def word(spoken: Language, group: str, code: object) -> str:
    """Put a code of a group (level, measure, outcome ...) into words; one that has none stays as it is."""
    if code is None or code == "":
        return NOTHING
    known = GROUPS[group].get(str(code))
    return str(code) if known is None else spoken.say(known)


def level(spoken: Language, number_or_name: object) -> str:
    """Put a level of risk into words, by its number or its name."""
    name = (
        LEVELS[number_or_name]
        if isinstance(number_or_name, int) and 0 <= number_or_name < len(LEVELS)
        else number_or_name
    )
    return word(spoken, "level", name)


def level_class(number_or_name: object) -> str:
    """Give the looks of a level, of those that the style sheet has."""
    name = (
        LEVELS[number_or_name]
        if isinstance(number_or_name, int) and 0 <= number_or_name < len(LEVELS)
        else number_or_name
    )
    return str(name) if name in {"watch", "high", "critical"} else ""


def tier(spoken: Language, policy: Policy, code: str | None) -> str:
    """Put a tier into words, with its card where the policy names one."""
    if not code:
        return spoken.say(N_("no tier"))
    card = next((known.card for known in policy.tiers if known.code == code), None)
    return f"{code} {word(spoken, 'card', card)}" if card else code


def why(spoken: Language, told: Reason | Mapping[str, Any]) -> str:
    """Say in a sentence what calls for action: a reason of a case or of a risk fact."""
    reason = _object(told)
    name = str(reason.get("indicator") or reason.get("kind") or "")
    sentence = SENTENCES.get(name)
    if sentence is None:
        return word(spoken, "indicator", name)
    return spoken.say(sentence, **_shown(spoken, name, reason))


def figures(spoken: Language, told: Reason | Mapping[str, Any]) -> list[str]:
    """Give the figures, months and dates that a reason rests on, each with its name; not its value once more."""
    reason = _object(told)
    evidence = reason.get("evidence")
    if not isinstance(evidence, Mapping):
        return []
    news = {key: value for key, value in evidence.items() if key not in REPEATING or value != reason.get("value")}
    return [*_evidence(spoken, news)]


def leading(reasons: Sequence[Reason], name: str) -> Reason | None:
    """Give the reason that leads a case."""
    return next((reason for reason in reasons if reason.name == name), next(iter(reasons), None))


def _object(told: Reason | Mapping[str, Any]) -> Mapping[str, Any]:
    return {"kind": told.kind, **told.says} if isinstance(told, Reason) else told


def _evidence(spoken: Language, evidence: Mapping[str, object]) -> Iterator[str]:
    for key, value in evidence.items():
        unit = next((unit for unit in UNITS if key.endswith(unit)), "")
        name = EVIDENCE.get(key.removesuffix(unit) if unit else key)
        said = spoken.say(name) if name else key.replace("_", " ")
        shown = _measures(spoken, value) if key == "held" else quantity(spoken, unit, value)
        yield spoken.say(N_("%(name)s: %(value)s"), name=said, value=shown)


def _measures(spoken: Language, listed: object) -> str:
    return spoken.say(N_(", ")).join(word(spoken, "measure", code) for code in str(listed).split(", "))


def quantity(spoken: Language, unit: str, value: object) -> str:
    """Write a quantity of a unit as people say it: fen as yuan, seconds as minutes, bytes as MB."""
    if not isinstance(value, int) or isinstance(value, bool):
        return str(value)
    if unit == "_fen":
        return yuan(value)
    if unit == "_seconds":
        return spoken.say(N_("%(count)s min"), count=value // 60)
    return f"{value // BYTES_A_MB:,} MB" if unit == "_bytes" else f"{value:,}"


def yuan(fen: int | None) -> str:
    """Write fen as yuan: 123456 -> ¥1,234.56."""
    if fen is None:
        return NOTHING
    return f"{'-' if fen < 0 else ''}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def _shown(spoken: Language, name: str, reason: Mapping[str, Any]) -> dict[str, str]:
    """Write what a sentence may name: its value, and where a tier went from and to."""
    unit = next((unit for unit in UNITS if name.endswith(unit)), "")
    value = reason.get("value")
    shown = NOTHING if value is None else quantity(spoken, unit, value)
    moved = {key: str(reason.get(key) or spoken.say(N_("no tier"))) for key in ("from", "to")}
    evidence = reason.get("evidence")
    found = evidence if isinstance(evidence, Mapping) else {}
    return {"value": shown, **moved, "month": str(found.get(MONTHS_OF.get(name, ""), NOTHING))}


def terms(spoken: Language, offer: Mapping[str, Any]) -> str:
    """Say what an offer asks and gives."""
    said = [
        spoken.say(text, amount=yuan(offer[key]))
        for key, text in (
            ("deposit_fen", N_("deposit %(amount)s")),
            ("gift_fen", N_("gift credit %(amount)s")),
            ("subsidy_fen", N_("handset subsidy %(amount)s")),
        )
        if isinstance(offer.get(key), int) and offer[key]
    ]
    if offer.get("months"):
        months = offer["months"]
        said.append(spoken.say(N_("1 month")) if months == 1 else spoken.say(N_("%(count)s months"), count=months))
    return spoken.say(N_(", ")).join(said) or spoken.say(N_("as in the catalogue"))
