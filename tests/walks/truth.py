"""What the stack came to, held against what the rules alone make of all that was published."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from stream_app.core.facts import FACT_TOPICS, Fact
from stream_app.core.policy import PolicySet
from stream_app.core.view import view
from stream_app.replay.entries import decode_lines
from stream_app.replay.mirror import StateMirror
from stream_app.replay.offline import OfflineReplay
from stream_app.replay.topics_reader import TopicReader
from stream_app.wire.decode import Decoder
from stream_app.wire.facts import fact_object
from stream_app.wire.policy_file import load_policy
from stream_app.wire.views import view_object
from stream_app.worker.topics import DEAD_LETTER_TOPIC, Names, partition_count
from tests.e2e.outcome import Outcome, outcome_of

PATH = {"risk"}  # of a view: what hangs on the moments of the ticks, which here are the wall clock's


class Found(NamedTuple):
    """Facts, each once, how many came again, and the state."""

    outcome: Outcome
    repeated: int
    ends: Mapping[str, int]
    ids: frozenset[str]


def found(bootstrap: str, app_id: str, policies: Sequence[Path]) -> Found:
    """Read all facts, dead letters and the changelog."""
    return asyncio.run(_found(bootstrap, Names("", app_id), PolicySet([load_policy(path) for path in policies])))


async def _found(bootstrap: str, names: Names, policies: PolicySet) -> Found:
    partitions = await partition_count(bootstrap, names)
    facts: dict[str, Any] = {}
    rejected: list[str] = []
    mirror, ends = StateMirror(partitions), dict[str, int]()
    for topic in (*FACT_TOPICS, DEAD_LETTER_TOPIC, names.changelog):
        async with TopicReader(bootstrap, [topic], partitions) as reader:
            async for record in reader.new_records():
                ends[topic] = ends.get(topic, 0) + 1
                if topic == names.changelog:
                    mirror.take(record)
                elif topic == DEAD_LETTER_TOPIC:
                    rejected.append(dict(record.headers)["dl_reason"].decode())
                else:
                    fact = orjson.loads(record.value)
                    facts.setdefault(fact["fact_id"], fact)
    views = {each.subscriber_id: view_object(each) for each in mirror.views(policies)}
    outcome = outcome_of(list(facts.values()), views, dict(mirror.duplicates()), rejected)
    return Found(outcome, sum(ends.get(topic, 0) for topic in FACT_TOPICS) - len(facts), ends, frozenset(facts))


def expected(told: Sequence[bytes], policies: Sequence[Path]) -> Outcome:
    """Work all that was published by the rules alone, up to now."""
    versions = PolicySet([load_policy(path) for path in policies])
    facts: list[Fact] = []
    rejected: list[str] = []
    run = OfflineReplay(versions, datetime.now(UTC), facts.append, lambda _entry, reason, _: rejected.append(reason))
    run.run(decode_lines(told, Decoder(versions.calendar), "told"))
    views = {key: view_object(view(sub, key, run.ledger.clock, versions)) for key, sub in run.subscribers.items()}
    return outcome_of([fact_object(fact) for fact in facts], views, dict(run.duplicates), rejected)


def differences(seen: Outcome, wanted: Outcome) -> dict[str, Any]:
    """Say what differs, a few of each; nothing: it is exact."""
    wrong = {
        "facts": seen.faults()[:3],
        "months": _different(seen.months(), wanted.months()),
        "subscribers": _different(_money(seen), _money(wanted)),
        "duplicates": _different(seen.duplicates, wanted.duplicates),
        "dead letters": [] if seen.rejected == wanted.rejected else [len(seen.rejected), len(wanted.rejected)],
    }
    return {what: each for what, each in wrong.items() if each}


def _money(outcome: Outcome) -> dict[str, Any]:
    return {
        who: {name: each for name, each in view.items() if name not in PATH}
        for who, view in outcome.subscribers.items()
    }


def _different(seen: Mapping[Any, Any], wanted: Mapping[Any, Any]) -> dict[Any, Any]:
    keys = [key for key in {*seen, *wanted} if seen.get(key) != wanted.get(key)]
    return {key: (seen.get(key), wanted.get(key)) for key in sorted(keys, key=str)[:3]}
