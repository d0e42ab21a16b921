"""Where a course's subscribers are kept: as they are, or as stored rows that are written and read at every touch."""

from collections.abc import Iterable
from typing import Protocol

from stream_app.core.state import Subscriber
from stream_app.wire.stored import dump_subscriber, load_subscriber


class Shelf(Protocol):
    """A ledger's subscribers, with their rows."""

    def get(self, subscriber_id: str) -> Subscriber | None:
        """Give a subscriber, or None."""

    def put(self, subscriber_id: str, sub: Subscriber) -> None:
        """Keep a subscriber."""

    def drop(self, subscriber_id: str) -> None:
        """Forget a subscriber."""

    def row(self, subscriber_id: str) -> bytes | None:
        """Give a subscriber's row as it would be stored now."""

    def ids(self) -> Iterable[str]:
        """Name all subscribers."""


class LiveShelf(dict[str, Subscriber]):
    """Subscribers in memory."""

    def put(self, subscriber_id: str, sub: Subscriber) -> None:
        self[subscriber_id] = sub

    def drop(self, subscriber_id: str) -> None:
        del self[subscriber_id]

    def row(self, subscriber_id: str) -> bytes | None:
        sub = self.get(subscriber_id)
        return None if sub is None else dump_subscriber(sub)

    def ids(self) -> Iterable[str]:
        return list(self)


class RowShelf:
    """Subscribers as stored rows."""

    def __init__(self) -> None:
        self._rows: dict[str, bytes] = {}

    def get(self, subscriber_id: str) -> Subscriber | None:
        row = self._rows.get(subscriber_id)
        return None if row is None else load_subscriber(row)

    def put(self, subscriber_id: str, sub: Subscriber) -> None:
        self._rows[subscriber_id] = dump_subscriber(sub)

    def drop(self, subscriber_id: str) -> None:
        del self._rows[subscriber_id]

    def row(self, subscriber_id: str) -> bytes | None:
        return self._rows.get(subscriber_id)

    def ids(self) -> Iterable[str]:
        return list(self._rows)
