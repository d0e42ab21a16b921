"""Batches that stand beyond the next tick and wait for it, so that it meets exactly the records before it.

Rule: nothing is worked beyond the positions of the first tick that waits, and nothing at all while none does: it may
not be read yet. Where a tick is accepted all feeds then stand at its positions, so a restart needs no note of them.
"""

from bisect import bisect_left
from collections.abc import Callable

from stream_app.lane import Batch


class HeldBatches:
    """What is held of each feed, by the topic's full name."""

    def __init__(self, gate: Callable[[str], int]) -> None:
        """Hold by `gate`: the offset up to which a topic may be worked now."""
        self._gate = gate
        self._batches: dict[str, Batch] = {}

    def add(self, batch: Batch) -> None:
        """Hold a batch, behind what is held of its feed."""
        held = self._batches.get(batch.topic)
        if held is not None:
            batch = batch._replace(records=[*held.records, *batch.records], begin=held.begin)
        self._batches[batch.topic] = batch

    def waits(self, topic: str) -> bool:
        """Tell whether anything of a feed is held."""
        return topic in self._batches

    def due(self) -> Batch | None:
        """Take what one of the feeds may be worked now; None when all have to wait."""
        for topic, batch in self._batches.items():
            gate = self._gate(topic)
            if gate > batch.begin:
                return self._part(batch, gate)
        return None

    def _part(self, batch: Batch, gate: int) -> Batch:
        if gate >= batch.end:
            return self._batches.pop(batch.topic)
        cut = bisect_left(batch.records, gate, key=lambda record: record.offset)
        self._batches[batch.topic] = batch._replace(records=batch.records[cut:], begin=gate)
        return batch._replace(records=batch.records[:cut], end=gate)
