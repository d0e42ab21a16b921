"""What the indicators of the early warning read, from first principles: of all accepted events (DOMAIN section 5).

Nothing is kept from day to day. A gap, where nothing is known, is None.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime

from tests.oracle import pace
from tests.oracle.classes import measures, months_later, tenure_months
from tests.oracle.reading import Event
from tests.oracle.rules import (
    History,
    arpu_fen,
    arrears_fen,
    first_month,
    has_left,
    last_issues,
    official_tiers,
    on_network,
    revenue_fen,
    tier,
    window_fen,
)
from tests.oracle.timeline import Clock

SEEN_AT_MOST = 8  # of a kind, the latest
STABILISING = {"premium_brand", "group_member", "family_plan", "deposit_gift", "handset_contract"}
STICKY = {"mailbox", "messaging", "bank_collection", "direct_debit"}
PORTOUT_DAYS = 366
LOST_MONTHS = 3

Values = dict[str, int | None]


def readings(history: History, clock: Clock) -> Values:
    """Read every indicator at the clock."""
    return {name: rule(history, clock) for name, rule in RULES.items()}


def today(clock: Clock) -> date:
    """Give the local date of the clock."""
    assert clock.at is not None
    return clock.calendar.date_of(clock.at)


def silent_days(history: History, clock: Clock) -> int | None:
    """Count the days since the last use, or since the customer came back, if that was later."""
    used = [on for on, _ in pace.used_on(history, clock)]
    if not used:
        return None
    latest_at = max((event.occurred_at for event in history.signals), default=None)
    back = [clock.calendar.date_of(latest_at)] if latest_at and not has_left(history) else []
    return max(0, (today(clock) - max([*used, *back])).days)


def low_spend_months(history: History, clock: Clock) -> int | None:
    """Count the low ones of the last closed months on the network, if one of these was well above."""
    risk, last = clock.policy.risk, _closed(clock)
    months = range(max(first_month(history, clock), last - risk["low_spend_window_months"] + 1), last + 1)
    fen = [revenue_fen(history, month) for month in months if on_network(history, clock.calendar.end(month))]
    if not fen:
        return None
    return sum(each < risk["low_spend_fen"] for each in fen) if max(fen) > risk["low_spend_over_fen"] else 0


def arrears_months(history: History, clock: Clock) -> int:
    """Count the full months since the oldest unpaid bill was due; what was paid went to the oldest first."""
    if arrears_fen(history, clock) == 0:
        return 0
    left = sum(event.fields["amount_fen"] for event in history.of_type("payment.received"))
    left += sum(max(-event.fields["amount_fen"], 0) for event in history.of_type("bill.adjusted"))
    bills = sorted(
        (bill.fields["due_on"], bill.fields["amount_fen"]) for bill in last_issues(history) if "due_on" in bill.fields
    )
    for due_on, amount_fen in bills:
        left -= amount_fen
        if left < 0:
            return full_months(date.fromisoformat(due_on), today(clock))
    raise AssertionError


def full_months(since: date, until: date) -> int:
    """Count the full months between two dates."""
    count = 0
    while months_later(since, count + 1) <= until:
        count += 1
    return count


def balance_fen(history: History, clock: Clock) -> int | None:
    """Give the latest balance, the lowest of one second, if no money came in since and it is neither new nor old."""
    told = [(_second(event), -event.fields["balance_fen"]) for event in history.of_type("balance.reported")]
    if not told:
        return None
    at, negated = max(told)
    days = (today(clock) - _on(at, clock)).days
    risk = clock.policy.risk
    is_paid = any(_second(event) > at for event in history.of_type("payment.received"))
    return None if is_paid or not risk["balance_from_days"] <= days < risk["balance_days"] else -negated


def complaints(history: History, clock: Clock, severity: str) -> int:
    """Count the complaints whose latest filing has this severity and is open, or recent."""
    count = 0
    for complaint_id in {event.fields["complaint_id"] for event in history.of_type("complaint.filed")}:
        own = [
            event
            for event in history.of_type("complaint.filed", "complaint.closed")
            if event.fields["complaint_id"] == complaint_id
        ]
        filed = max(
            (_second(event), event.fields["severity"] == "escalated")
            for event in own
            if event.type == "complaint.filed"
        )
        is_open = all(_second(event) < filed[0] for event in own if event.type == "complaint.closed")
        days = clock.policy.risk["open_complaint_days" if is_open else "complaint_days"]
        count += filed[1] == (severity == "escalated") and (today(clock) - _on(filed[0], clock)).days < days
    return count


def hotline_calls(history: History, clock: Clock) -> int:
    """Count the recent contacts with a competitor that are no forwarding, and the offers of one that were told of."""
    seen = [event for event in history.of_type("competitor.contacted") if event.fields["kind"] != "call_forwarding"]
    seen += [event for event in history.of_type("contact.resulted") if event.fields.get("competitor_offer")]
    return _recent(seen, clock)


def call_forwarding(history: History, clock: Clock) -> int:
    """Count the recent call forwardings."""
    return _recent(
        [event for event in history.of_type("competitor.contacted") if event.fields["kind"] == "call_forwarding"], clock
    )


def portout(history: History, clock: Clock) -> int | None:
    """Count the days since the last request."""
    asked = [_second(event) for event in history.of_type("portout.requested")]
    days = (today(clock) - _on(max(asked), clock)).days if asked else PORTOUT_DAYS
    return max(0, days) if days < PORTOUT_DAYS else None


def contract_days_left(history: History, clock: Clock) -> int | None:
    """Count the days until the last contract ends; a gap where none runs or one has no end."""
    last = {event.fields["contract_id"]: event for event in history.of_type("contract.signed", "contract.ended")}
    ends = [event.fields.get("ends_on", "9999-12-31") for event in last.values() if event.type == "contract.signed"]
    running = [on for on in ends if on >= today(clock).isoformat()]
    if not running or max(running) == "9999-12-31":
        return None
    return (date.fromisoformat(max(running)) - today(clock)).days


def tier_lost_days(history: History, clock: Clock) -> int | None:
    """Count the days since the end of the latest of three months that closed lower; a gap once it is made good."""
    last, officials, rank = _closed(clock), official_tiers(history, clock), clock.policy.rank
    for month in range(last, last - LOST_MONTHS, -1):
        lost = rank(officials.get(month - 1))
        if rank(officials.get(month)) < lost:
            since = [officials.get(each) for each in range(month, last + 1)]
            made_good = max(map(rank, [*since, tier(history, clock)])) >= lost
            return None if made_good else (today(clock) - clock.calendar.date_of(clock.calendar.end(month))).days
    return None


def monetary_fen(history: History, clock: Clock) -> int | None:
    """Give the mean revenue of the last three closed months."""
    last = _closed(clock)
    return None if first_month(history, clock) > last else arpu_fen(window_fen(history, last))


RULES: Mapping[str, Callable[[History, Clock], int | None]] = {
    "spend_pace_percent": pace.spend,
    "minutes_pace_percent": pace.minutes,
    "data_pace_percent": pace.data,
    "active_days_percent": pace.active_days,
    "silent_days": silent_days,
    "low_spend_months": low_spend_months,
    "arrears_months": arrears_months,
    "arrears_fen": arrears_fen,
    "balance_fen": balance_fen,
    "complaints": lambda history, clock: complaints(history, clock, "normal"),
    "complaints_escalated": lambda history, clock: complaints(history, clock, "escalated"),
    "hotline_calls": hotline_calls,
    "call_forwarding": call_forwarding,
    "portout": portout,
    "contract_days_left": contract_days_left,
    "tenure_months": tenure_months,
    "measures_held": lambda history, clock: len(STABILISING & measures(history, clock).keys()),
    "sticky_services": lambda history, clock: len(STICKY & measures(history, clock).keys()),
    "tier_lost_days": tier_lost_days,
    "recency_days": silent_days,
    "frequency_percent": pace.frequency,
    "monetary_fen": monetary_fen,
}
PACED = {
    "spend_pace_percent",
    "minutes_pace_percent",
    "data_pace_percent",
    "active_days_percent",
    "silent_days",
    "recency_days",
    "frequency_percent",
    "monetary_fen",
    "low_spend_months",
}


def _closed(clock: Clock) -> int:
    assert clock.last_closed is not None
    return clock.last_closed


def _second(event: Event) -> int:
    return int(event.occurred_at.timestamp())


def _on(second: int, clock: Clock) -> date:
    return clock.calendar.date_of(datetime.fromtimestamp(second, UTC))


def _recent(seen: Iterable[Event], clock: Clock) -> int:
    kept = sorted(map(_second, seen))[-SEEN_AT_MOST:]
    return sum((today(clock) - _on(at, clock)).days < clock.policy.risk["competitor_days"] for at in kept)


__all__ = ["PACED", "RULES", "readings", "today"]
