"""Usage by service, scope and direction: numbered cells, so that a month's record stays small."""

from collections.abc import Mapping
from itertools import product

from stream_app.core.events import SCOPES, SERVICES
from stream_app.core.facts import UsageLine
from stream_app.core.state import Month

# Numbers are part of the stored state: add services and scopes at the end only, never reorder.
KINDS = tuple(product(SERVICES, SCOPES, (False, True)))
CELLS: Mapping[tuple[str, str, bool], int] = {kind: number for number, kind in enumerate(KINDS)}


def usage_lines(record: Month) -> tuple[UsageLine, ...]:
    """Lay out a month's use, one line per service, scope and direction used."""
    return tuple(
        [
            UsageLine(service, scope, outgoing, use.quantity, use.charge_fen, use.records)
            for number, use in sorted(record.usage.items())
            for service, scope, outgoing in [KINDS[number]]
        ]
    )
