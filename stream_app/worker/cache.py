"""A partition's subscribers: decoded ones in memory, bounded, over the stored rows.

What was changed stays in memory until it is stored, so a read never sees a state older than the last change.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from stream_app.core.state import Subscriber
from stream_app.lane import Store
from stream_app.wire.stored import dump_subscriber, load_subscriber


class SubscriberCache:
    """Keeps subscribers in two generations, all of them while there is room.

    When there is none, each that comes in puts out the longest unread of the old generation; what is read there is
    young again, and a young generation of half the room grows old.
    """

    def __init__(self, store: Store, capacity: int) -> None:
        self._store = store
        self._capacity = max(1, capacity)
        self._young: dict[str, Subscriber] = {}
        self._old: dict[str, Subscriber] = {}
        self._aging: Iterator[str] = iter(())  # the old ones, the longest unread first
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
        if self._young.get(subscriber_id) is not sub and subscriber_id not in self._passing:
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
        self._old.pop(subscriber_id, None)
        self._young[subscriber_id] = sub
        if len(self._young) + len(self._old) > self._capacity:
            self._put_out_one()

    def _put_out_one(self) -> None:
        if 2 * len(self._young) > self._capacity:
            self._old.update(self._young)
            self._young, self._aging = {}, iter(list(self._old))
        for subscriber_id in self._aging:
            if self._old.pop(subscriber_id, None) is not None:
                return
