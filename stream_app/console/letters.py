"""Dead letters as the operations page shows them, and sending some of them back.

What is sent back here is remembered in the audit log, letter by letter; `stream-app dead-letters replay` remembers by
reason, in offsets of its own. A letter that both send back is dropped as a duplicate, as any event that comes twice.
"""

import asyncio
from collections.abc import Collection, Coroutine, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from aiokafka.errors import KafkaError

from stream_app.replay.dead_letters import DeadLetterBox, Letter
from stream_app.wire.dead_letters import original
from stream_app.worker.topics import Names, TopicError, partition_count

Answer = TypeVar("Answer")
SHOWN = 200
LONGEST = 20_000  # characters of a record that are shown


class Shown(NamedTuple):
    """A dead letter in words."""

    place: str
    reason: str
    message: str
    origin: str
    at_ms: int  # of the record's Kafka timestamp
    sent_back: bool
    key: str
    headers: str
    value: str


class LettersOutOfReach(Exception):
    """Kafka does not answer, or has no such topic; the message says which."""


class Letters(Protocol):
    """The dead letters of the system that the desk belongs to; both raise LettersOutOfReach."""

    def newest(self) -> Sequence[Shown]:
        """List the newest, the newest first."""

    def send_back(self, places: Collection[str]) -> int:
        """Send letters back to where they came from, by their places, and give how many."""


class NoLetters:
    """Stands in where there is no Kafka."""

    def newest(self) -> Sequence[Shown]:
        """List none."""
        return ()

    def send_back(self, places: Collection[str]) -> int:  # noqa: ARG002 - there is nothing to send
        """Send none."""
        return 0


class KafkaLetters:
    """The dead letters on Kafka; each call reads the topic, in a loop of its own, so call it in a thread."""

    def __init__(self, bootstrap: str, names: Names) -> None:
        self._bootstrap, self._names = bootstrap, names

    def newest(self) -> Sequence[Shown]:
        """List the newest, the newest first."""
        return [_shown(letter) for letter in _worked(self._newest())]

    def send_back(self, places: Collection[str]) -> int:
        """Send letters back to where they came from, by their places, and give how many."""
        return _worked(self._send_back(places))

    async def _newest(self) -> list[Letter]:
        letters = await (await self._box()).letters()
        return letters[: -SHOWN - 1 : -1]

    async def _send_back(self, places: Collection[str]) -> int:
        box = await self._box()
        chosen = [letter for letter in await box.letters() if letter.place in places]
        return await box.send_some_back(chosen)

    async def _box(self) -> DeadLetterBox:
        return DeadLetterBox(self._bootstrap, self._names, await partition_count(self._bootstrap, self._names))


def _worked(work: Coroutine[Any, Any, Answer]) -> Answer:
    try:
        return asyncio.run(work)
    except (KafkaError, OSError, TopicError) as error:
        raise LettersOutOfReach(str(error)) from None


def _shown(letter: Letter) -> Shown:
    record = letter.record
    headers = ", ".join(f"{name}: {_text(value)}" for name, value in original(record).headers)
    message = letter.headers.get("dl_message", "")
    words = (_text(record.key), headers[:LONGEST], _text(record.value))
    return Shown(letter.place, letter.reason, message, letter.origin, record.timestamp, letter.sent_back, *words)


def _text(content: bytes | None) -> str:
    """Give bytes as text, with what is none escaped."""
    return "" if content is None else content.decode(errors="backslashreplace")[:LONGEST]
