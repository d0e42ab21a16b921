"""A course of records: real ones, moved to a few subscribers and a time that goes on, most of them then spoilt.

The same seed gives the same course. Ticks are among the records; a course may begin before any.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import orjson

from stream_app.core.events import CLOCK_TOPIC, FEEDS, TOPIC_OF_TYPE
from tests.fuzz.corpus import Corpus
from tests.fuzz.mutations import Content, change_bytes, change_fields, change_text, pick, written
from tests.fuzz.values import HEADERS, KEYS, RAW, TIMESTAMPS_MS, TOPICS, ZONES

Headers = list[tuple[str, bytes | None]]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_AT = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
LATEST_DAY_AT = LAST_AT - timedelta(days=50)
LATE_SECONDS = 6 * 3600.0
REMEMBERED = 64  # records of before that may come again
ODD_IDS = ("-", "_" * 64, "0", "A-z_9")
OPEN_MONTHS = ("billing_month", "due_on", "ends_on", "until")


class Sent(NamedTuple):
    """A record of a feed or of the clock."""

    topic: str
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    headers: Headers


class Pace(NamedTuple):
    """How a course goes: where it begins, the mean time between records, how many subscribers."""

    start_at: datetime
    mean_seconds: float
    subscribers: int
    spoilt: Sequence[int]  # of each real record how many mutants come with it
    first_tick: bool


class Course:
    """Makes one record after the other; `ends` are the next offsets of the feeds, as a tick names them."""

    def __init__(self, chance: Random, corpus: Corpus, pace: Pace) -> None:
        self._chance, self._corpus, self._pace = chance, corpus, pace
        self.now = pace.start_at
        self.ends: dict[str, int] = dict.fromkeys(TOPICS, 0)
        self._subscribers = [*ODD_IDS, *(f"s-{number}" for number in range(pace.subscribers))]
        self._types = list(corpus.by_type)
        self._sent: list[Sent] = []
        self._count = 0
        self._due: list[Sent] = []  # made, not yet given

    def record(self) -> Sent:
        """Make the next record."""
        self._count += 1
        chance, draw = self._chance, self._chance.random()
        step_seconds = chance.expovariate(1 / self._pace.mean_seconds)
        self.now += min(timedelta(seconds=step_seconds), LAST_AT - self.now)
        if draw < 0.008 or (self._count == 1 and self._pace.first_tick):
            sent = self._tick()
        elif draw < 0.04 and self._sent:
            sent = pick(chance, self._sent)
        else:
            sent = self._event()
            self._remember(sent)
        self.ends[sent.topic] += 1
        return sent

    def _remember(self, sent: Sent) -> None:
        if len(self._sent) < REMEMBERED:
            self._sent.append(sent)
        else:
            self._sent[int(self._chance.random() * REMEMBERED)] = sent

    def _timestamp_ms(self) -> int:
        return (self.now - EPOCH) // timedelta(milliseconds=1)

    def _event(self) -> Sent:
        if not self._due:
            self._due = self._variants()
        return self._due.pop()

    def _variants(self) -> list[Sent]:
        """Move one real record, and give it with some that are spoilt."""
        chance = self._chance
        kind = "usage.recorded" if chance.random() < 0.5 else pick(chance, self._types)
        content = self._moved(pick(chance, self._corpus.by_type[kind]))
        key: str = content["subscriber_id"]
        text = written(content, chance)
        plain = Sent(TOPIC_OF_TYPE[kind], key.encode(), text, self._timestamp_ms(), [])
        spoilt = [pick(chance, SPOILERS)(self, plain, content) for _ in range(pick(chance, self._pace.spoilt))]
        return [plain, *spoilt] if chance.random() < 0.5 else [*spoilt, plain]

    def _moved(self, real: Mapping[str, Any]) -> Content:
        """Give a real record another subscriber, id and time."""
        chance, content = self._chance, dict(real)
        at = self.now - timedelta(seconds=chance.expovariate(1 / LATE_SECONDS))
        content["subscriber_id"] = subscriber = pick(chance, self._subscribers)
        content["event_id"] = f"e{self._count}"
        content["occurred_at"] = at.isoformat() if chance.random() < 0.8 else _elsewhere(at, chance)
        for name in OPEN_MONTHS:
            if name in content:
                day = min(self.now, LATEST_DAY_AT) + timedelta(days=int(chance.random() * 110) - 70)
                content[name] = f"{day:%Y-%m}" if name == "billing_month" else f"{day:%Y-%m-%d}"
        for name, most in (("bill_id", 12), ("contract_id", 4), ("complaint_id", 9)):
            if name in content:
                content[name] = f"{name}-{subscriber}-{int(chance.random() * most)}-{self.now:%Y-%m}"[-60:]
        if "contract_id" in content:
            content["contract_id"] = f"contract-{int(chance.random() * 4)}"
        return content

    def _tick(self) -> Sent:
        chance = self._chance
        at = self.now - timedelta(seconds=pick(chance, (0, 0, 1, 86_400 * 40)))
        content: Content = {
            "type": "clock.ticked",
            "at": at.isoformat(),
            "positions": {feed: self.ends[feed] for feed in FEEDS},
        }
        plain = Sent(CLOCK_TOPIC, None, orjson.dumps(content), self._timestamp_ms(), [])
        draw = chance.random()
        if draw < 0.7:
            return plain
        return self.spoil_fields(plain, content) if draw < 0.8 else pick(chance, SPOILERS)(self, plain, content)

    def spoil_fields(self, plain: Sent, content: Content) -> Sent:
        """Change fields."""
        return plain._replace(value=written(change_fields(dict(content), self._chance), self._chance))

    def spoil_text(self, plain: Sent, content: Content) -> Sent:
        """Change the JSON text."""
        return plain._replace(value=change_text(dict(content), self._chance))

    def spoil_bytes(self, plain: Sent, content: Content) -> Sent:  # noqa: ARG002 - as the others
        """Change bytes."""
        return plain._replace(value=change_bytes(plain.value or b"", self._chance, self._corpus.texts))

    def spoil_fields_and_bytes(self, plain: Sent, content: Content) -> Sent:
        """Change both."""
        return self.spoil_bytes(self.spoil_fields(plain, content), content)

    def spoil_envelope(self, plain: Sent, content: Content) -> Sent:  # noqa: ARG002 - as the others
        """Change what is around the value, or take the value away."""
        chance = self._chance
        value = plain.value if chance.random() < 0.9 else pick(chance, (None, b"", *RAW))
        return Sent(
            pick(chance, (plain.topic, plain.topic, *TOPICS)),
            pick(chance, (plain.key, plain.key, *KEYS)),
            value,
            pick(chance, (plain.timestamp_ms, plain.timestamp_ms, *TIMESTAMPS_MS)),
            list(pick(chance, HEADERS)),
        )


SPOILERS: tuple[Callable[[Course, Sent, Content], Sent], ...] = (
    *(Course.spoil_fields, Course.spoil_fields, Course.spoil_fields),
    *(Course.spoil_bytes, Course.spoil_bytes, Course.spoil_bytes),
    *(Course.spoil_text, Course.spoil_fields_and_bytes, Course.spoil_envelope),
)


def _elsewhere(at: datetime, chance: Random) -> str:
    try:
        return at.astimezone(pick(chance, ZONES)).isoformat()
    except OverflowError:
        return at.isoformat()
