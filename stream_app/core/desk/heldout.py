"""The held-out group: a share of customers that gets no task, so that what calls bring can be measured (DOMAIN 6).

Rule: drawn by a hash of the id, so that it is the same customers for ever, and more of the same when the share grows.
Who is too dear or too urgent is never in the draw.
"""

from collections.abc import Iterable
from typing import Literal

from xxhash import xxh3_64_intdigest

from stream_app.core.desk.calling import IMPORTANT, Call
from stream_app.core.desk.heard import Known
from stream_app.core.desk.policy import DeskPolicy

Arm = Literal["called", "held_out", "exempt"]
SALT = "stream-app/held-out/1/"  # never changes: with it all would be drawn anew
SHARES = 1000


def is_drawn(subscriber_id: str, permille: int) -> bool:
    """Tell whether a customer is in the share of so many in a thousand."""
    return xxh3_64_intdigest(f"{SALT}{subscriber_id}".encode()) % SHARES < permille


def is_exempt(call: Call, known: Known, tiers: Iterable[str | None], desk: DeskPolicy) -> bool:
    """Tell whether a customer is never held out: important, of a high tier, urgent, or one who left already."""
    important = known.important or IMPORTANT in {call.value_class, known.value_class}
    dear = any(tier in desk.never_held_out_tiers for tier in tiers)
    grave = any(reason.name in desk.never_held_out_reasons for reason in call.reasons)
    return important or dear or grave or call.kind == "win_back"


def arm_of(subscriber_id: str, call: Call, known: Known, desk: DeskPolicy) -> Arm:
    """Draw the arm of a case that opens; like is to be compared with like, so who is exempt is told apart."""
    if is_exempt(call, known, (call.tier, known.tier), desk):
        return "exempt"
    return "held_out" if is_drawn(subscriber_id, desk.held_out_permille) else "called"
