"""The sweep: brings the ticks that crossed a boundary to every subscriber, in slices that never stall the live path.

A pass first takes what is not stored yet, then walks the stored rows in the order of their keys. Its cursor is part of
the partition's row: a new owner goes on where the last one stood. Facts do not depend on how far a pass has come, since
any touch of a subscriber applies the pending ticks first.
"""

from itertools import islice

from stream_app.core.ledger import Ledger
from stream_app.lane import Store
from stream_app.wire.stored import FIRST_SUBSCRIBER_KEY, PartitionRow, glance
from stream_app.worker.cache import SubscriberCache

ROWS_PER_SLICE = 1000  # looked at; most days most rows are not concerned
CHANGES_PER_SLICE = 40  # about 3 ms of closing months


class Sweep:
    """The sweep of one partition."""

    def __init__(self, row: PartitionRow, ledger: Ledger, cache: SubscriberCache, store: Store) -> None:
        self._row, self._ledger, self._cache, self._store = row, ledger, cache, store
        self._unsaved: list[str] = []
        self._looked = 0  # rows of the pass under way, by this owner

    @property
    def looked(self) -> int:
        """Count the stored rows that the pass under way has looked at since we took it up."""
        return self._looked

    def slice(self) -> bool:
        """Do one slice; True while there is more to do."""
        if not self._row.target and not self._begin():
            return False
        if self._unsaved:
            self._ledger.sweep(self._unsaved[-CHANGES_PER_SLICE:])
            del self._unsaved[-CHANGES_PER_SLICE:]
        elif not self._walk():
            self._ledger.swept(self._row.target)
            self._row.target, self._row.cursor = 0, b""
        return bool(self._row.target or self._ledger.clock.pending)

    def _begin(self) -> bool:
        pending = self._ledger.clock.pending
        if not pending:
            return False
        self._row.target, self._row.cursor = pending[-1].serial, FIRST_SUBSCRIBER_KEY
        self._unsaved, self._looked = self._cache.unsaved(), 0
        return True

    def _walk(self) -> bool:
        looked, concerned, passing = 0, list[str](), dict[str, bytes]()
        turns = any(tick.turns for tick in self._ledger.clock.pending)  # nearly every row is concerned: read it whole
        for key, value in islice(self._store.scan(self._row.cursor), ROWS_PER_SLICE):
            looked += 1
            self._row.cursor = key + b"\0"
            subscriber_id = key.decode()
            held = self._cache.in_memory(subscriber_id)
            head = held or (None if turns else glance(value))
            if head is None or self._ledger.is_concerned(head.serial, head.wake_day):
                concerned.append(subscriber_id)
                if held is None:
                    passing[subscriber_id] = value
                if len(concerned) == CHANGES_PER_SLICE:
                    break
        self._looked += looked
        with self._cache.passing(passing):
            self._ledger.sweep(concerned)
        return looked == ROWS_PER_SLICE or len(concerned) == CHANGES_PER_SLICE
