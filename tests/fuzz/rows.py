"""What must hold of stored rows: they come back as written; damaged ones load or say clearly that they do not."""

import contextlib
from random import Random

from stream_app.core.state import Clock
from stream_app.wire.stored import (
    PartitionRow,
    UnreadableState,
    dump_partition,
    dump_subscriber,
    glance,
    load_partition,
    load_subscriber,
)
from tests.fuzz.mutations import change_bytes

LARGEST_ROW_BYTES = 256 << 10


def check_row(row: bytes) -> None:
    """Read a subscriber's row and write it again."""
    assert len(row) <= LARGEST_ROW_BYTES, f"a row has grown to {len(row)} bytes"
    assert dump_subscriber(load_subscriber(row)) == row
    glance(row)


def check_clock(clock: Clock) -> None:
    """Write a partition's row, read it and write it again."""
    row = dump_partition(PartitionRow(clock=clock))
    assert dump_partition(load_partition(row)) == row


def damage(row: bytes, clock: Clock, chance: Random) -> None:
    """Damage rows: nothing but UnreadableState may come of it; what loads can be written."""
    for number in range(4):
        damaged = (
            change_bytes(row[:1], chance, [row]) if number == 0 else row[:1] + change_bytes(row[1:], chance, [row])
        )
        with contextlib.suppress(UnreadableState):
            glance(damaged)
        with contextlib.suppress(UnreadableState):
            dump_subscriber(load_subscriber(damaged))
    partition = dump_partition(PartitionRow(clock=clock))
    with contextlib.suppress(UnreadableState):
        dump_partition(load_partition(partition[:1] + change_bytes(partition[1:], chance, [row])))
