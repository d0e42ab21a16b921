"""What a replay came to, from either engine, in a form that compares."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from aiokafka import ConsumerRecord

from stream_app.core.facts import Fact
from stream_app.core.policy import PolicySet
from stream_app.core.view import view
from stream_app.replay.entries import Entry, decode_lines
from stream_app.replay.offline import OfflineReplay
from stream_app.replay.on_kafka import KafkaReplay
from stream_app.replay.workers import WorkerProcesses
from stream_app.wire.decode import Decoder
from stream_app.wire.facts import fact_object
from stream_app.wire.policy_file import parse_policy
from stream_app.wire.views import view_object

Row = Mapping[str, Any]
FIGURES = ("revenue_fen", "billed", "arpu_fen", "official_tier", "on_network")


class Outcome(NamedTuple):
    """Facts, subscribers and dead letters."""

    rows: list[Row]
    changes: list[Row]
    subscribers: Mapping[str, Row]
    duplicates: dict[str, int]
    rejected: list[str]
    restarts: int = 0
    warnings: Sequence[Row] = ()  # churn_risk.changed
    outcomes: Sequence[Row] = ()  # churn_outcome.recorded

    def months(self) -> dict[tuple[str, str], tuple[object, ...]]:
        """Give the last revision of every row."""
        last = {
            (row["subscriber_id"], row["billing_month"]): row
            for row in sorted(self.rows, key=lambda row: row["revision"])
        }
        return {key: tuple(row[name] for name in FIGURES) for key, row in last.items()}

    def faults(self) -> list[str]:
        """List what must not be seen: a fact twice, a revision missing, a change that does not follow another."""
        ids = [fact["fact_id"] for fact in (*self.rows, *self.changes, *self.warnings, *self.outcomes)]
        found = [f"{len(ids) - len(set(ids))} facts twice"] if len(set(ids)) != len(ids) else []
        revisions: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row in self.rows:
            revisions[row["subscriber_id"], row["billing_month"]].append(row["revision"])
        gaps = {key: seen for key, seen in revisions.items() if sorted(seen) != list(range(len(seen)))}
        found += [f"{key} has revisions {seen}" for key, seen in gaps.items()]
        held = _follow(self.changes, None, found)
        _follow(self.warnings, "none", found)
        wrong = {who for who, subscriber in self.subscribers.items() if held.get(who) != subscriber["tier"]}
        return found + [f"the last change of {who} is not its tier" for who in sorted(wrong)]


def _follow(changes: Sequence[Row], first: str | None, found: list[str]) -> dict[str, str | None]:
    """Follow changes from one to the next, and give what each subscriber came to; what does not follow is added."""
    held: dict[str, str | None] = {}
    for change in changes:
        who = change["subscriber_id"]
        if held.get(who, first) != change["from"]:
            found.append(f"{who} went from {change['from']} but was {held.get(who, first)}")
        held[who] = change["to"]
    return held


class Case(NamedTuple):
    """Lines to replay, under one policy, up to an instant."""

    lines: Sequence[bytes]
    policy: str
    until: datetime

    def policies(self) -> PolicySet:
        """Read the policy."""
        return PolicySet([parse_policy(self.policy, "policy.yaml")])


def offline(case: Case) -> Outcome:
    """Run the rules alone."""
    facts: list[Fact] = []
    rejected: list[str] = []
    policies = case.policies()
    run = OfflineReplay(policies, case.until, facts.append, lambda _entry, reason, _message: rejected.append(reason))
    run.run(_entries(case, policies))
    objects = [fact_object(fact) for fact in facts]
    clock = run.ledger.clock
    subscribers = {key: view_object(view(sub, key, clock, policies)) for key, sub in run.subscribers.items()}
    return outcome_of(objects, subscribers, dict(run.duplicates), rejected)


async def on_kafka(
    case: Case, bootstrap: str, workers: int = 1, on_workers: Callable[[WorkerProcesses], None] = lambda _: None
) -> Outcome:
    """Run the real worker."""
    objects: list[Row] = []
    rejected: list[str] = []

    def output(record: ConsumerRecord, topic: str) -> None:
        if topic == "dead-letters":
            rejected.append(dict(record.headers)["dl_reason"].decode())
        else:
            objects.append(orjson.loads(record.value))

    policies = case.policies()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.yaml"
        path.write_text(case.policy)
        replay = KafkaReplay(
            bootstrap, policies, [path], case.until, workers, lambda _: None, output, on_workers=on_workers
        )
        mirror, _events, restarts = await replay.run(_entries(case, policies))
    subscribers = {found.subscriber_id: view_object(found) for found in mirror.views(policies)}
    return outcome_of(objects, subscribers, dict(mirror.duplicates()), rejected, restarts)


def _entries(case: Case, policies: PolicySet) -> Sequence[Entry]:
    return list(decode_lines(case.lines, Decoder(policies.calendar), "lines"))


def outcome_of(
    objects: Sequence[Row],
    subscribers: Mapping[str, Row],
    duplicates: dict[str, int],
    rejected: list[str],
    restarts: int = 0,
) -> Outcome:
    def of(kind: str) -> list[Row]:
        return [fact for fact in objects if fact["type"] == kind]

    return Outcome(
        of("month.closed"),
        of("tier.changed"),
        subscribers,
        duplicates,
        sorted(rejected),
        restarts,
        of("churn_risk.changed"),
        of("churn_outcome.recorded"),
    )
