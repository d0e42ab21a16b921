"""The complete worker's right answer, the offline engine's: subscribers, the last revision of every month, letters.

And in which course the clock ticks meanwhile; and what came of a run, in the same form.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import orjson
from xxhash import xxh3_64_intdigest

from stream_app.core.facts import Fact
from stream_app.core.policy import PolicySet
from stream_app.core.view import View, view
from stream_app.replay.entries import Entry, decode_lines
from stream_app.replay.offline import OfflineReplay
from stream_app.replay.schedule import Schedule
from stream_app.wire.decode import Decoder
from stream_app.wire.facts import fact_object
from stream_app.wire.policy_file import parse_policy
from stream_app.wire.views import view_object
from tests.bench.events import BEGIN_MS, Plan
from tests.bench.inputs import first_rows
from tests.shared.six_tiers import policy_text
from tests.shared.views import without_path

POLICY = policy_text("bench-1", "2024-01-01T00:00:00Z")
BEGIN_AT, UNTIL = datetime.fromtimestamp(BEGIN_MS / 1000, UTC), datetime(2025, 5, 31, 16, tzinfo=UTC)
FIGURES = (
    "revenue_fen", "billed", "arpu_fen", "official_tier", "on_network", "accrued_fen", "adjusted_fen", "usage",
)  # fmt: skip


UNCHANGED: Mapping[str, str | None] = {"tier.changed": None, "churn_risk.changed": "none"}  # what nobody changed yet


class Course(Protocol):
    """When the clock ticks."""

    def reach(self, at: datetime) -> Iterator[datetime]:
        """Give the ticks that an instant of the events reaches, each once."""


class Backlog:
    """The course of a worker that comes back to a backlog: a tick before it and one after it, which closes every month.

    So it is in life: a tick counts only when all that stood on the feeds when it was made is worked.
    """

    def __init__(self) -> None:
        self._begun = False

    def reach(self, at: datetime) -> Iterator[datetime]:
        """Give the ticks that an instant of the events reaches, each once."""
        if not self._begun:
            self._begun = True
            yield BEGIN_AT
        if at >= UNTIL:
            yield UNTIL


COURSES: Mapping[str, Callable[[], Course]] = {
    "backlog": Backlog,
    # Every local midnight and every close of the five months, among the events: what months hold is worked in seconds.
    "months": lambda: Schedule(policies()),
}


class Outcome(NamedTuple):
    """What came out, most of it as hashes."""

    rows: Mapping[int, tuple[int, int]]  # subscriber and month -> last revision and its figures
    subscribers: Mapping[str, int]
    letters: Mapping[str, int]
    facts_by_type: Mapping[str, int]
    repeated: int = 0  # facts that came twice
    unchained: int = 0  # changes that do not begin where the last one ended


def policies() -> PolicySet:
    """Read the bench's policy."""
    return PolicySet([parse_policy(POLICY, "bench.yaml")])


class Collected:
    """Facts and letters as they come."""

    def __init__(self) -> None:
        self.letters: Counter[str] = Counter()
        self._rows: dict[int, tuple[int, int]] = {}
        self._by_type: Counter[str] = Counter()
        self._ids: set[str] = set()
        self._held: dict[tuple[str, str], str | None] = {}  # by subscriber and type of fact
        self._unchained = 0

    def fact(self, fact: Mapping[str, Any]) -> None:
        """Take a fact in."""
        self._by_type[fact["type"]] += 1
        self._ids.add(fact["fact_id"])
        who = fact["subscriber_id"]
        if fact["type"] == "month.closed":
            key, revision = digest([who, fact["billing_month"]]), fact["revision"]
            if revision >= self._rows.get(key, (0, 0))[0]:
                self._rows[key] = revision, digest([fact[name] for name in FIGURES])
        elif fact["type"] in UNCHANGED:
            begun = self._held.get((who, fact["type"]), UNCHANGED[fact["type"]])
            self._unchained += begun != fact["from"]
            self._held[who, fact["type"]] = fact["to"]

    def outcome(self, views: Iterable[View]) -> Outcome:
        """Close the collection."""
        subscribers = {}
        for found in views:
            subscribers[found.subscriber_id] = digest(without_path(view_object(found)))
            self._unchained += (
                self._held.get((found.subscriber_id, "tier.changed")) != found.tier
            )  # the last change leads to the tier held
        repeated = self._by_type.total() - len(self._ids)
        return Outcome(
            self._rows, subscribers, dict(self.letters), dict(self._by_type), repeated, self._unchained
        )  # fmt: skip


def digest(content: Any) -> int:
    """Hash JSON."""
    return xxh3_64_intdigest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


def offline(plan: Plan, course: Course) -> Outcome:
    """Work the answer out by the rules alone."""
    rules, collected = policies(), Collected()

    def on_fact(fact: Fact) -> None:
        collected.fact(fact_object(fact))

    def on_reject(_entry: Entry, reason: str, _message: str) -> None:
        collected.letters[reason] += 1

    run = OfflineReplay(rules, UNTIL, on_fact, on_reject)
    run._schedule = course  # type: ignore[assignment]
    lines = (row.contract_json() for row in first_rows(plan, plan.events))
    run.run(decode_lines(lines, Decoder(rules.calendar), "bench"))
    clock = run.ledger.clock
    return collected.outcome(view(sub, key, clock, rules) for key, sub in run.subscribers.items())


def differences(right: Outcome, found: Outcome) -> str:
    """Say in words what is not as the rules alone have it; nothing if all is."""
    off = sum(found.rows.get(key, (0, 0))[1] != row for key, (_, row) in right.rows.items())
    off += len(found.rows.keys() - right.rows.keys())
    said = [f"{off:,} of {len(right.rows):,} closed months wrong"] if off else []
    off = sum(found.subscribers.get(who) != hashed for who, hashed in right.subscribers.items())
    off += len(found.subscribers.keys() - right.subscribers.keys())
    said += [f"{off:,} of {len(right.subscribers):,} subscribers wrong"] if off else []
    said += [f"{found.repeated:,} facts twice"] if found.repeated else []
    said += [f"{found.unchained:,} changes out of turn"] if found.unchained else []
    said += [f"dead letters {dict(found.letters)} for {dict(right.letters)}"] if right.letters != found.letters else []
    return ", ".join(said)
