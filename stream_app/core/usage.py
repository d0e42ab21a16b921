"""Usage by service, scope and direction: numbered cells, so that a month's record stays small."""

from collections.abc import Mapping
from itertools import product

from msgspec.msgpack import Decoder, Encoder

from stream_app.core.events import SCOPES, SERVICES
from stream_app.core.facts import UsageLine
from stream_app.core.state import Month, Use

# Numbers are part of the stored state: add services and scopes at the end only, never reorder.
KINDS = tuple(product(SERVICES, SCOPES, (False, True)))
CELLS: Mapping[tuple[str, str, bool], int] = {kind: number for number, kind in enumerate(KINDS)}
OUTGOING_VOICE = frozenset(CELLS["voice", scope, True] for scope in SCOPES)
DATA = frozenset(number for kind, number in CELLS.items() if kind[0] == "data")
_pack, _unpack = Encoder().encode, Decoder(dict[int, Use]).decode


def usage_lines(record: Month) -> tuple[UsageLine, ...]:
    """Lay out a month's use, one line per service, scope and direction used."""
    used, lines = cells(record.usage), list[UsageLine]()
    for number in sorted(used):
        use, (service, scope, outgoing) = used[number], KINDS[number]
        lines.append(UsageLine(service, scope, outgoing, use.quantity, use.charge_fen, use.records))
    return tuple(lines)


def cells(used: dict[int, Use] | bytes) -> dict[int, Use]:
    """Give a month's use by the numbers of its kinds, unpacked if need be."""
    if not isinstance(used, bytes):
        return used
    return _unpack(used)


def packed(used: dict[int, Use] | bytes) -> bytes:
    """Pack a month's use, which only a correction will ask for: one object, loaded and stored at no cost."""
    if isinstance(used, bytes):
        return used
    return _pack(used)


def volumes(record: Month) -> tuple[int, int]:
    """Sum a month's outgoing voice seconds and data bytes, also after its use by kinds was dropped."""
    if not record.usage:
        return record.outgoing_seconds, record.volume_bytes
    outgoing_seconds = volume_bytes = 0
    for number, use in cells(record.usage).items():
        if number in OUTGOING_VOICE:
            outgoing_seconds += use.quantity
        elif number in DATA:
            volume_bytes += use.quantity
    return outgoing_seconds, volume_bytes
