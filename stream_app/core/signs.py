"""Signs that a customer may leave, as they are told: complaints, competitors, port-out, balance (DOMAIN section 5).

Rule: what is kept depends on when things happened, never on the order they arrive in.
"""

from bisect import insort
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from stream_app.core.admission import digest
from stream_app.core.events import (
    BalanceReported,
    CompetitorContacted,
    ComplaintClosed,
    ComplaintFiled,
    ContactResulted,
    PortoutRequested,
)
from stream_app.core.state import Complaint, Signs, Subscriber

KEPT = 8  # of a kind, the latest: no policy asks for more
LONGEST_SECONDS = 366 * 86_400  # no policy looks further back


def seconds(at: datetime) -> int:
    """Give an instant as whole seconds since 1970; before, as 1."""
    return max(1, int(at.timestamp()))


def seen(sub: Subscriber) -> Signs:
    """Give a subscriber's signs, made when there were none."""
    if sub.signs is None:
        sub.signs = Signs()
    return sub.signs


def file_complaint(sub: Subscriber, event: ComplaintFiled, _month: int) -> None:
    """Keep the latest filing of a complaint; at equal instants the graver one."""
    complaint = _complaint(sub, event.complaint_id)
    filed = seconds(event.occurred_at), event.severity == "escalated"
    complaint.filed_at, complaint.escalated = max(filed, (complaint.filed_at, complaint.escalated))


def close_complaint(sub: Subscriber, event: ComplaintClosed, _month: int) -> None:
    """Keep when a complaint was settled last, even before it is known."""
    complaint = _complaint(sub, event.complaint_id)
    complaint.closed_at = max(complaint.closed_at, seconds(event.occurred_at))


def contact_competitor(sub: Subscriber, event: CompetitorContacted, _month: int) -> None:
    """Keep a sign of contact with a competitor."""
    found = seen(sub)
    _keep(found.forwardings if event.kind == "call_forwarding" else found.hotline_calls, event.occurred_at)


def request_portout(sub: Subscriber, event: PortoutRequested, _month: int) -> None:
    """Keep a request for a port-out code."""
    _keep(seen(sub).portouts, event.occurred_at)


def report_balance(sub: Subscriber, event: BalanceReported, _month: int) -> None:
    """Keep the latest balance; at equal instants the lower one."""
    found, at = seen(sub), seconds(event.occurred_at)
    if (at, -event.balance_fen) > (found.balance_at, -found.balance_fen):
        found.balance_at, found.balance_fen = at, event.balance_fen


def hear_result(sub: Subscriber, event: ContactResulted, _month: int) -> None:
    """Keep that the customer told the phone manager of a competitor's offer."""
    if event.competitor_offer:
        _keep(seen(sub).hotline_calls, event.occurred_at)


EFFECTS: Mapping[type, Callable[[Subscriber, Any, int], None]] = {
    ComplaintFiled: file_complaint,
    ComplaintClosed: close_complaint,
    CompetitorContacted: contact_competitor,
    PortoutRequested: request_portout,
    BalanceReported: report_balance,
    ContactResulted: hear_result,
}


def prune(sub: Subscriber, now: datetime) -> None:
    """Forget signs so old that no policy asks for them."""
    found, oldest = sub.signs, seconds(now) - LONGEST_SECONDS
    if found is None:
        return
    found.complaints = {
        key: each for key, each in found.complaints.items() if max(each.filed_at, each.closed_at) >= oldest
    }
    for kept in (found.hotline_calls, found.forwardings, found.portouts):
        kept[:] = [at for at in kept if at >= oldest]
    if found.balance_at < oldest:
        found.balance_at = found.balance_fen = 0
    if found == Signs():
        sub.signs = None


def _complaint(sub: Subscriber, complaint_id: str) -> Complaint:
    return seen(sub).complaints.setdefault(digest(complaint_id), Complaint())


def _keep(kept: list[int], at: datetime) -> None:
    insort(kept, seconds(at))
    del kept[:-KEPT]
