"""Reading final states of contenders that keep accounts packed, by subscriber."""

import struct

from tests.bench.contenders.contract import Finals
from tests.bench.job import TIERS, Account, arpu_fen, unpack
from tests.bench.kafka import Record

_JAVA = struct.Struct("<BH3q3i3i3q")  # as Account.java has it: level, latest month; by month modulo 3: fen and units


def packed_finals(record: Record) -> Finals:
    """Read a changelog record; keys that begin with NUL are the contender's own."""
    if record.value is not None and record.key[:1] != b"\0":
        yield record.key.decode(), _final(unpack(record.value))


def java_finals(record: Record) -> Finals:
    """Read a changelog record of the one in Java."""
    if record.value is not None:
        yield record.key.decode(), _final(list(_JAVA.unpack(record.value)))


def _final(account: Account) -> tuple[int, str | None]:
    return arpu_fen(account), TIERS[account[0]]
