"""The one place where the product meets the oracle: its offline replay, put in the oracle's words.

`engine_answer` is what the comparison and the mutants call. `told` makes an answer of facts and objects in the form of
CONTRACTS sections 5 and 7, whatever they were taken from.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.oracle.classes import Worth
from tests.oracle.engine import Asked
from tests.oracle.oracle import Answer, Change
from tests.oracle.rules import Row

Fact = Mapping[str, Any]


def engine_answer(
    lines: Sequence[bytes | Mapping[str, Any]], policies: Sequence[Mapping[str, Any]], until: datetime
) -> Answer:
    """Ask the product's offline replay."""
    asked = Asked(lines, policies, until)
    summary = {"duplicates": asked.duplicates, "rejected": asked.rejected}
    return told(asked.rows, asked.changes, asked.subscribers, summary, lambda fact: int(fact["cause"]["offset"]))


def told(
    month_closed: Iterable[Fact],
    tier_changed: Iterable[Fact],
    subscribers: Iterable[Mapping[str, Any]],
    summary: Mapping[str, Any],
    line_of: Callable[[Fact], int],
) -> Answer:
    """Make an answer of what a replay wrote; `line_of` gives the number, from 0, of the line that caused a fact.

    The tiers after closes are not told apart: the changes, with their ticks and lines, say them all.
    """
    worths: dict[tuple[str, str], Worth] = {}
    duplicates, rejected = _counted(summary["duplicates"]), _counted(summary["rejected"])
    answer = Answer(worths=worths, duplicates=duplicates, rejected=rejected)
    for fact in month_closed:
        key = fact["subscriber_id"], fact["billing_month"]
        if fact["revision"] >= answer.revisions.get(key, 0):
            answer.revisions[key] = fact["revision"]
            answer.months[key] = Row(**{name: fact[name] for name in Row._fields})
            worths[key] = Worth(**{name: fact[name] for name in Worth._fields})
    answer.changes = [_change(fact, line_of) for fact in tier_changed]
    answer.subscribers = {each["subscriber_id"]: _known(each) for each in subscribers}
    return answer


def _counted(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _change(fact: Fact, line_of: Callable[[Fact], int]) -> Change:
    is_tick = fact["cause"]["topic"] == "clock"
    cause = datetime.fromisoformat(fact["occurred_at"]).astimezone(UTC) if is_tick else line_of(fact)
    return Change(cause, fact["subscriber_id"], fact["from"], fact["to"], fact["reason"])


OWN_NAMES = (
    "subscriber_id",
    "tier",
    "official_tier",
    "arpu_closed_fen",
    "arpu_live_fen",
    "arrears_fen",
    "credit_big_customer",
    "months",
    *Worth._fields,
    "measures",
    "measures_until",
    "cross_stabilised",
    "tenure_months",
)


def _known(subscriber: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what this part of the contract names: later parts add to it."""
    return {name: subscriber[name] for name in OWN_NAMES}
