"""Single events of all kinds that the early warning looks at, with figures close to what its rules turn on."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.oracle.months import Calendar, name_of

Fields = dict[str, Any]
FEN = (4_000, 5_000, 12_001, 30_000, 100, 60_000, 4_999, 12_000)
DELAYS = (0,) * 10 + (-1, 24, 24 * 9, 24 * 40)  # hours; before 0, ahead of the clock
IN_DAYS = (-1, 0, 3, 12, 40, None)


class Choices(NamedTuple):
    """What is drawn for an event: its kind, day, hour, delay and three numbers that the kind makes something of."""

    kind: str
    day: int
    hour: int
    delay: int
    amount: int
    which: int
    days: int


KINDS = (
    ("usage",) * 4
    + ("fee", "bill", "bill", "payment", "complaint", "complaint_closed", "hotline") * 2
    + ("adjustment", "balance", "forwarding", "portout", "offer", "contract", "contract_ended", "measure", "measure")
    + ("measure_ended", "activated", "deactivated", "away", "updated")
)
FOCUSES = (
    ("balance", "payment"),
    ("complaint", "complaint_closed"),
    ("contract", "contract", "contract_ended"),
    ("portout", "hotline", "forwarding"),
    ("hotline",),
    ("bill", "payment", "complaint"),
    ("fee", "away"),
    ("fee", "fee", "usage"),
)


def events_of(kinds: Sequence[str]) -> st.SearchStrategy[Choices]:
    """Give the strategy of events of some kinds."""
    return st.builds(
        Choices,
        st.sampled_from(kinds),
        st.integers(0, 247),
        st.sampled_from((0, 0, 9, 23)),
        st.sampled_from(DELAYS),
        st.integers(0, len(FEN) - 1),
        st.integers(0, 3),
        st.integers(0, len(IN_DAYS) - 1),
    )


EVENTS = events_of(KINDS)


def _usage(choices: Choices, _at: datetime, _calendar: Calendar) -> Fields:
    quantity = 60 * (1 + choices.days)
    voice = {"service": "voice", "duration_seconds": quantity}
    own = (
        voice,
        {"service": "data", "volume_bytes": quantity},
        {**voice, "direction": "incoming"},
        {"service": "sms", "message_count": 1},
    )
    return {"type": "usage.recorded", "charge_fen": FEN[choices.amount] // 4, **own[choices.which]}


def _fee(choices: Choices, at: datetime, calendar: Calendar) -> Fields:
    month = {"billing_month": _month(at, calendar, -1)} if choices.which == 0 else {}
    return {"type": "fee.charged", "kind": "plan", "amount_fen": FEN[choices.amount], **month}


def _bill(choices: Choices, at: datetime, calendar: Calendar) -> Fields:
    month = _month(at, calendar, -(choices.which % 2))
    bill_id = f"{month}-{choices.which // 2}"
    due = _on("due_on", at, IN_DAYS[choices.days], calendar)
    return {"type": "bill.issued", "bill_id": bill_id, "billing_month": month, "amount_fen": FEN[choices.amount], **due}


def _adjustment(choices: Choices, at: datetime, calendar: Calendar) -> Fields:
    amount_fen = FEN[choices.amount] * (-1) ** choices.which
    return {
        "type": "bill.adjusted",
        "billing_month": _month(at, calendar, -(choices.days % 3)),
        "amount_fen": amount_fen,
    }


def _contract(choices: Choices, at: datetime, calendar: Calendar) -> Fields:
    contract = {"type": "contract.signed", "contract_id": "cd"[choices.which % 2], "kind": "plan"}
    return {**contract, **_on("ends_on", at, IN_DAYS[choices.days], calendar)}


def _contract_ended(choices: Choices, _at: datetime, _calendar: Calendar) -> Fields:
    return {"type": "contract.ended", "contract_id": "cd"[choices.which % 2], "kind": "plan"}


def _result(choices: Choices, _at: datetime, _calendar: Calendar) -> Fields:
    offer = {"competitor_offer": "cheaper"} if choices.which else {}
    return {"type": "contact.resulted", "case_id": "k", "outcome": "refused", **offer}


def _measure(choices: Choices, at: datetime, calendar: Calendar) -> Fields:
    return {
        "type": "measure.enrolled",
        "measure": MEASURES[choices.which],
        **_on("until", at, IN_DAYS[choices.days], calendar),
    }


def _updated(choices: Choices, at: datetime, calendar: Calendar) -> Fields:
    return {"type": "subscriber.updated", **_on("joined_on", at, -(10, 59, 61, 130)[choices.which], calendar)}


def _complaint(choices: Choices, _at: datetime, _calendar: Calendar) -> Fields:
    severity = "escalated" if choices.amount % 3 == 0 else "normal"
    return {"type": "complaint.filed", "complaint_id": f"q{choices.which}", "severity": severity}


def _month(at: datetime, calendar: Calendar, later: int) -> str:
    return name_of(calendar.month_of(at) + later)


def _on(name: str, at: datetime, days: int | None, calendar: Calendar) -> Fields:
    return {} if days is None else {name: (calendar.date_of(at) + timedelta(days=days)).isoformat()}


BALANCES_FEN = (-5, 0, 999, 1_000)
CALLS = ("hotline_call", "other")
MEASURES = ("family_plan", "deposit_gift", "mailbox", "campus_card")
FIELDS: dict[str, Callable[[Choices, datetime, Calendar], Fields]] = {
    "usage": _usage,
    "fee": _fee,
    "bill": _bill,
    "adjustment": _adjustment,
    "payment": lambda choices, _at, _calendar: {"type": "payment.received", "amount_fen": FEN[choices.amount]},
    "balance": lambda choices, _at, _calendar: {"type": "balance.reported", "balance_fen": BALANCES_FEN[choices.which]},
    "complaint": _complaint,
    "complaint_closed": lambda drawn, _at, _calendar: {"type": "complaint.closed", "complaint_id": f"q{drawn.which}"},
    "hotline": lambda choices, _at, _calendar: {"type": "competitor.contacted", "kind": CALLS[choices.which % 2]},
    "forwarding": lambda _choices, _at, _calendar: {"type": "competitor.contacted", "kind": "call_forwarding"},
    "offer": _result,
    "portout": lambda _choices, _at, _calendar: {"type": "portout.requested"},
    "contract": _contract,
    "contract_ended": _contract_ended,
    "measure": _measure,
    "measure_ended": lambda choices, _at, _calendar: {"type": "measure.ended", "measure": MEASURES[choices.which]},
    "activated": lambda _choices, _at, _calendar: {"type": "subscriber.activated"},
    "deactivated": lambda _choices, _at, _calendar: {"type": "subscriber.deactivated"},
    "updated": _updated,
}
