"""A partition's subscribers: decoded ones in memory, bounded, over the stored rows.

What was changed stays in memory until it is stored, so a read never sees a state older than the last change.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from stream_app.core.state import Subscriber
from stream_app.lane import Store
from stream_app.wire.stored import dump_subscriber, load_subscriber


class SubscriberCache:
    """Keeps subscribers in two generations: a full young one becomes the old one, and the old one is dropped."""

    def __init__(self, store: Store, capacity: int) -> None:
        self._store = store
        self._half = max(1, capacity // 2)
        self._young: dict[str, Subscriber] = {}
        self._old: dict[str, Subscriber] = {}
        self._dirty: dict[str, Subscriber | None] = {}  # None: to be deleted
        self._flying: dict[str, Subscriber | None] = {}
        self._passing: Mapping[str, bytes] = {}

    @contextmanager
    def passing(self, rows: Mapping[str, bytes]) -> Iterator[None]:
        """Take rows just scanned as what is stored; their subscribers are changed once and not kept in memory."""
        self._passing = rows
        try:
            yield
        finally:
            self._passing = {}

    def get(self, subscriber_id: str) -> Subscriber | None:
        """Give a subscriber as last changed, or None."""
        sub = self._young.get(subscriber_id)
        return sub if sub is not None else self._older(subscriber_id)

    def put(self, subscriber_id: str, sub: Subscriber) -> None:
        """Note a change, to be stored."""
        self._dirty[subscriber_id] = sub
        if subscriber_id not in self._passing:
            self._keep(subscriber_id, sub)

    def drop(self, subscriber_id: str) -> None:
        """Note a deletion, to be stored."""
        self._dirty[subscriber_id] = None
        self._young.pop(subscriber_id, None)
        self._old.pop(subscriber_id, None)

    def changes(self) -> int:
        """Count the changes not yet handed over."""
        return len(self._dirty)

    def take(self) -> dict[bytes, bytes | None]:
        """Hand over the changed rows, written out as they stand now."""
        self._flying, self._dirty = self._dirty, {}
        return {key.encode(): None if sub is None else dump_subscriber(sub) for key, sub in self._flying.items()}

    def stored(self) -> None:
        """Hear that the rows handed over last are in the store."""
        self._flying = {}

    def unsaved(self) -> list[str]:
        """List the subscribers whose last change is not in the store yet."""
        return [*self._dirty, *(key for key in self._flying if key not in self._dirty)]

    def in_memory(self, subscriber_id: str) -> Subscriber | None:
        """Give a subscriber only if it is in memory."""
        for place in self._places():
            if subscriber_id in place:
                return place[subscriber_id]
        return None

    def _places(self) -> tuple[Mapping[str, Subscriber | None], ...]:
        return self._young, self._dirty, self._flying, self._old

    def _older(self, subscriber_id: str) -> Subscriber | None:
        for place in (self._dirty, self._flying, self._old):
            if subscriber_id in place:
                sub = place[subscriber_id]
                break
        else:
            passing = self._passing.get(subscriber_id)
            if passing is not None:
                return load_subscriber(passing)
            row = self._store.get(subscriber_id.encode())
            sub = None if row is None else load_subscriber(row)
        if sub is not None:
            self._keep(subscriber_id, sub)
        return sub

    def _keep(self, subscriber_id: str, sub: Subscriber) -> None:
        if subscriber_id not in self._young and len(self._young) >= self._half:
            self._young, self._old = {}, self._young
        self._young[subscriber_id] = sub
