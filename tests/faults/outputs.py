"""What came out of a running system, read as it comes, and held against what the rules alone make of what was sent."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import orjson
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

from stream_app.core.facts import FACT_TOPICS
from stream_app.replay.entries import Entry
from stream_app.replay.mirror import StateMirror
from stream_app.replay.topics_reader import TopicReader
from stream_app.wire.views import view_object
from stream_app.worker.topics import DEAD_LETTER_TOPIC, LANE_FEEDS, Names
from tests.e2e.outcome import Outcome, outcome_of
from tests.faults.story import POLICIES, Answer, facts_of_one_feed
from tests.shared.views import without_path

OUTPUTS = (*FACT_TOPICS, DEAD_LETTER_TOPIC)
LONGEST_SECONDS = 150.0
BEAT_SECONDS = 0.05


class Outputs:
    """The facts and letters of one system so far, and the answer."""

    def __init__(self, bootstrap: str, names: Names, partitions: int) -> None:
        self._bootstrap, self._names, self._partitions = bootstrap, names, partitions
        self._answer = Answer()
        self._facts: list[Mapping[str, Any]] = []
        self._rejected: list[str] = []
        self._readers: dict[str, TopicReader] = {}

    async def connect(self, stack: AsyncExitStack) -> None:
        """Connect what reads."""
        for topic in OUTPUTS:
            reader = TopicReader(self._bootstrap, [self._names.full(topic)], self._partitions)
            self._readers[topic] = await stack.enter_async_context(reader)

    async def compare(self, told: list[Entry], mirror: StateMirror, sent: Mapping[tuple[str, int], int]) -> None:
        """Hold everything against the answer; `told` is what was sent since the last time, in its order."""
        found, expected = await self._found(mirror), await asyncio.to_thread(self._expected, told)
        held = {place: end for place, end in sent.items() if end}
        assert await self._ends() == held, "the feeds do not hold what was sent: the test itself is wrong"
        wrong = {
            "facts": found.faults()[:3],
            "subscribers": _differences(_order_free(found), _order_free(expected)),
            "months": _differences(found.months(), expected.months()),
            "duplicates": _differences(found.duplicates, expected.duplicates),
            "dead letters": _differences(Counter(found.rejected), Counter(expected.rejected)),
            "facts one by one": _differences(facts_of_one_feed(found), facts_of_one_feed(expected)),
        }
        assert not any(wrong.values()), (
            f"found, and expected: { ({what: each for what, each in wrong.items() if each}) }"
        )

    def _expected(self, told: list[Entry]) -> Outcome:
        self._answer.take(told)
        return self._answer.outcome()

    async def _found(self, mirror: StateMirror) -> Outcome:
        for topic in OUTPUTS:
            for record in await self._new_records(topic):
                if topic == DEAD_LETTER_TOPIC:
                    self._rejected.append(dict(record.headers)["dl_reason"].decode())
                else:
                    self._facts.append(orjson.loads(record.value))
        subscribers = {found.subscriber_id: view_object(found) for found in mirror.views(POLICIES)}
        return outcome_of(self._facts, subscribers, dict(mirror.duplicates()), self._rejected)

    async def _new_records(self, topic: str) -> list[ConsumerRecord]:
        found: list[ConsumerRecord] = []
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                try:
                    async for record in self._readers[topic].new_records():
                        found.append(record)  # noqa: PERF401 - what came before an error is not given again
                except (KafkaError, OSError):
                    await asyncio.sleep(BEAT_SECONDS)
                else:
                    return found

    async def _ends(self) -> dict[tuple[str, int], int]:
        names = [self._names.full(feed) for feed in LANE_FEEDS]
        async with TopicReader(self._bootstrap, names, self._partitions) as reader:
            ends = await reader._consumer.end_offsets(reader._tps)
        return {(self._names.plain(tp.topic), tp.partition): end for tp, end in ends.items() if end}


def _order_free(outcome: Outcome) -> dict[str, Mapping[str, Any]]:
    return {who: without_path(view) for who, view in outcome.subscribers.items()}


def _differences(found: Mapping[Any, Any], expected: Mapping[Any, Any]) -> dict[Any, Any]:
    """Give what differs, a few at most."""
    keys = [key for key in {*found, *expected} if found.get(key) != expected.get(key)]
    return {key: (found.get(key), expected.get(key)) for key in sorted(keys)[:3]}
