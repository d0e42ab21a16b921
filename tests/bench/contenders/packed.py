"""Reading final states of contenders that keep accounts packed, by subscriber."""

from tests.bench.contenders.contract import Finals
from tests.bench.job import TIERS, arpu_fen, unpack
from tests.bench.kafka import Record


def packed_finals(record: Record) -> Finals:
    """Read a changelog record; keys that begin with NUL are the contender's own."""
    if record.value is not None and record.key[:1] != b"\0":
        account = unpack(record.value)
        yield record.key.decode(), (arpu_fen(account), TIERS[account[0]])
