"""The same course through a partition's work: batches, waiting ticks, sweeps, commits, dead letters.

Rule: it must end with the rows that the rules alone end with, and every record is a fact's cause, a repeat or a letter.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from aiokafka import ConsumerRecord
from msgspec import structs

from stream_app.core.events import CLOCK_TOPIC, FEEDS
from stream_app.core.policy import PolicySet
from stream_app.core.state import Subscriber
from stream_app.lane import Output
from stream_app.wire.dead_letters import DeadLetter
from stream_app.wire.decode import Decoder
from stream_app.wire.stored import FIRST_SUBSCRIBER_KEY, dump_subscriber, load_subscriber
from stream_app.worker.topics import DEAD_LETTER_TOPIC
from tests.fuzz.course import Sent
from tests.fuzz.letters import check_letter
from tests.worker.fake_lane import Harness, around

Placed = tuple[Sent, int]
"""A record and its offset."""


def work(placed: Sequence[Placed], policies: PolicySet, chance: Random) -> Harness:
    """Work records in random batches, with commits and sweeps between."""
    given = around(cached=7)._replace(policies=policies, decoder=Decoder(policies.calendar))
    harness = Harness(given)
    begin = 0
    while begin < len(placed):
        end = begin + 1 + int(chance.random() * 60)
        harness.feed_all(_consumed(sent, offset) for sent, offset in placed[begin:end])
        begin = end
        if chance.random() < 0.3:
            harness.sweep()
        if chance.random() < 0.5:
            harness.commit()
    harness.sweep()
    harness.commit()
    return harness


def _consumed(sent: Sent, offset: int) -> ConsumerRecord[bytes | None, bytes | None]:
    headers: Any = sent.headers
    return ConsumerRecord(sent.topic, 0, offset, sent.timestamp_ms, 0, sent.key, sent.value, None, -1, -1, headers)


def in_step(sent: Sent, ends: Mapping[str, int]) -> bool:
    """Tell whether a tick waits for nothing that is still to come: only then both ways take it at the same place."""
    if sent.topic != CLOCK_TOPIC:
        return True
    try:
        tick = Decoder.tick(Decoder.__new__(Decoder), sent.key, sent.value)
    except Exception:  # noqa: BLE001 - both ways refuse it
        return True
    return all(tick.positions.get(feed, 0) <= ends[feed] for feed in FEEDS)


def check(harness: Harness, placed: Sequence[Placed], outcomes: Counter[str], rows: Mapping[str, Subscriber]) -> None:
    """Compare with what the rules alone made of it."""
    letters = [output for output in harness.outputs if output.topic == DEAD_LETTER_TOPIC]
    told: Counter[str] = Counter(_header(letter, "dl_reason") for letter in letters)
    assert told == {reason: outcomes[reason] for reason in told}, f"refused {told}, by the rules alone {outcomes}"
    facts = Counter(_header(output, "ce_type") for output in harness.outputs if output.topic != DEAD_LETTER_TOPIC)
    assert facts == {kind: outcomes[f"fact {kind}"] for kind in facts}, f"stated {facts}, by the rules alone {outcomes}"
    stored = {key.decode(): load_subscriber(row) for key, row in harness.store.items() if key >= FIRST_SUBSCRIBER_KEY}
    differ = [name for name in {*stored, *rows} if _unswept(stored.get(name)) != _unswept(rows.get(name))]
    assert not differ, f"rows differ for {differ}"
    by_place = {(sent.topic, offset): sent for sent, offset in placed}
    for letter in letters[:50]:
        sent = by_place[_header(letter, "dl_topic"), int(_header(letter, "dl_offset"))]
        check_letter(sent, DeadLetter(letter.key, letter.value, list(letter.headers)))


def _unswept(sub: Subscriber | None) -> Subscriber | None:
    """Leave out how many ticks a row has seen: those that do not concern it may pass it by."""
    return None if sub is None else structs.replace(load_subscriber(dump_subscriber(sub)), serial=0)


def _header(output: Output, name: str) -> str:
    return (dict(output.headers)[name] or b"").decode()
