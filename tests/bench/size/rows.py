"""Copies of a row for other subscribers: the same history under other ids.

Rule: every hash in a copy is new. Hashes do not compress, so a copy that kept them would make compression look better
than it is.
"""

from collections.abc import Iterator
from random import Random

from stream_app.core.admission import BILL_BYTES, DIGEST_BYTES
from stream_app.core.ledger import risk_level
from stream_app.wire.stored import load_subscriber

HASH_BYTES = DIGEST_BYTES


class Template:
    """A row cut at its hashes."""

    def __init__(self, tier: str, row: bytes) -> None:
        self.tier, self.level = tier, risk_level(load_subscriber(row))
        self._pieces = list(_cut(row))  # bytes and hashes in turn
        self._hashes = len(self._pieces) // 2

    def copy(self, chance: Random) -> bytes:
        """Make the row of another subscriber."""
        new = chance.randbytes(self._hashes * HASH_BYTES)
        self._pieces[1::2] = [new[at : at + HASH_BYTES] for at in range(0, len(new), HASH_BYTES)]
        return b"".join(self._pieces)


def _cut(row: bytes) -> Iterator[bytes]:
    sub = load_subscriber(row)
    packed = [(digests, HASH_BYTES) for digests in (sub.usage_ids, *sub.ids.values(), *sub.bills)]
    places = [
        row.find(digests) + at
        for digests, width_bytes in [*packed, (sub.bill_months, BILL_BYTES)]
        for at in range(0, len(digests), width_bytes)
    ]
    at = 0
    for place in sorted(places):
        if place >= at:
            yield row[at:place]
            yield b""
            at = place + HASH_BYTES
    yield row[at:]
