"""Dead letters: a refused record as it came, with where it came from and why in `dl_*` headers; and the way back.

The record's own headers are kept; `dl_*` headers of an earlier refusal are replaced, so that they never pile up.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from stream_app.wire.invalid import Reason

PREFIX = "dl_"
Headers = list[tuple[str, bytes | None]]


class DeadLetter(NamedTuple):
    """A record for the dead-letters topic."""

    key: bytes | None
    value: bytes | None
    headers: Headers


class Original(NamedTuple):
    """A record as it first came, to be sent again to its topic."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class Keyed(Protocol):
    """A record of the dead-letters topic, as any client gives it."""

    @property
    def key(self) -> bytes | None:
        """Its key."""

    @property
    def value(self) -> bytes | None:
        """Its value."""

    @property
    def headers(self) -> Iterable[tuple[str, bytes | None]]:
        """Its headers, in order."""


def dead_letter(  # noqa: PLR0913, PLR0917 - a whole record and why it was refused
    topic: str,
    partition: int,
    offset: int,
    timestamp_ms: int,
    key: bytes | None,
    value: bytes | None,
    headers: Iterable[tuple[str, bytes | None]],
    reason: Reason,
    message: str,
) -> DeadLetter:
    """Wrap a refused record; `timestamp_ms` is its Kafka timestamp."""
    added = {
        "dl_reason": reason,
        "dl_message": message,
        "dl_topic": topic,
        "dl_partition": str(partition),
        "dl_offset": str(offset),
        "dl_timestamp": str(timestamp_ms),
    }
    return DeadLetter(key, value, [*_own(headers), *((name, text.encode()) for name, text in added.items())])


def original(record: Keyed) -> Original:
    """Unwrap a dead letter; raises ValueError where no header says which topic it came from."""
    topic = dict(record.headers).get("dl_topic")
    if topic is None:
        message = "this record has no dl_topic header: it is not a dead letter of ours"
        raise ValueError(message)
    return Original(topic.decode(), record.key, record.value, _own(record.headers))


def _own(headers: Iterable[tuple[str, bytes | None]]) -> Headers:
    return [(name, value) for name, value in headers if not name.startswith(PREFIX)]
