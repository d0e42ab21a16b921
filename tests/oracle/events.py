"""Single events, each valid in itself, with amounts and dates close to what the rules turn on.

An event is drawn as a handful of small choices and then spelt out: fast to draw, and easy to shrink.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracle.months import name_of
from tests.oracle.settings import INSTANTS, Place, Setting, placed_at, said

# About three times the floors of 10, 20 and 30, and parts of that.
AMOUNTS_FEN = (10, 0, 1, 2, 9, 14, 15, 16, 29, 30, 31, 45, 59, 60, 61, 90)
DUE_IN_DAYS = (None, None, None, -20, -1, 0, 4, 15)
ENDS_IN_DAYS = (None, -1, 0, 1, 10, 40)
NEAR_MONTHS = (0, -1, -1, -1, -1, -2, 1, 2)  # two ahead is more than may be
TYPES = (
    ("usage.recorded",) * 7
    + ("fee.charged",) * 5
    + ("bill.issued",) * 6
    + ("bill.adjusted", "subscriber.activated", "subscriber.deactivated", "contract.signed", "payment.received") * 2
    + (
        "contract.ended",
        "contract.ended",
        "subscriber.updated",
        "balance.reported",
        "complaint.filed",
        "measure.enrolled",
    )
    + ("competitor.contacted", "portout.requested", "contact.resulted")
)


class Choices(NamedTuple):
    """What is drawn for an event."""

    type: str
    subscriber: int
    place: Place
    amount_fen: int
    is_credit: bool
    near_month: int
    which: int
    days: int
    zone: int


CHOICES = st.builds(
    Choices,
    st.sampled_from(TYPES),
    st.integers(0, 3),
    INSTANTS,
    st.sampled_from(AMOUNTS_FEN),
    st.booleans(),
    st.sampled_from(NEAR_MONTHS),
    st.integers(0, 3),
    st.integers(0, 7),
    st.integers(0, 2),
)


def events(setting: Setting, subscribers: int) -> st.SearchStrategy[dict[str, Any]]:
    """Give the strategy of one event without its id."""
    return CHOICES.map(partial(spell_out, setting, subscribers))


def spell_out(setting: Setting, subscribers: int, choices: Choices) -> dict[str, Any]:
    """Make the event of these choices."""
    at = placed_at(choices.place, setting)
    zone = (UTC, setting.calendar.zone, ZoneInfo("Asia/Kolkata"))[choices.zone]
    subscriber_id = f"s{choices.subscriber % subscribers}"
    common = {"type": choices.type, "subscriber_id": subscriber_id, "occurred_at": said(at, zone)}
    own = OWN_FIELDS.get(choices.type)
    return {**common, **own(choices, at, setting)} if own else {**common, **PLAIN_FIELDS.get(choices.type, {})}


def _usage(choices: Choices, _at: datetime, _setting: Setting) -> dict[str, Any]:
    voice = {"service": "voice", "duration_seconds": 60, "direction": "incoming" if choices.is_credit else "outgoing"}
    own = (voice, {"service": "data", "volume_bytes": 7}, {"service": "sms", "message_count": 1}, voice)[choices.which]
    return {**own, "charge_fen": choices.amount_fen}


def _fee(choices: Choices, at: datetime, setting: Setting) -> dict[str, Any]:
    fee = {"kind": "plan", "amount_fen": choices.amount_fen}
    return {**fee, "billing_month": _near(choices, at, setting)} if choices.which < 2 else fee


def _bill(choices: Choices, at: datetime, setting: Setting) -> dict[str, Any]:
    """Most bill ids tell their month, so that they are issued again; the others are tried for several months."""
    month = _near(choices, at, setting)
    bill_id = (f"a{month}", f"a{month}", f"b{month}", "stray")[choices.which]
    bill = {"bill_id": bill_id, "billing_month": month, "amount_fen": choices.amount_fen}
    return {**bill, **_dated("due_on", at, DUE_IN_DAYS[choices.days % 8], setting)}


def _adjustment(choices: Choices, at: datetime, setting: Setting) -> dict[str, Any]:
    amount_fen = -choices.amount_fen if choices.is_credit else choices.amount_fen
    return {"billing_month": _near(choices, at, setting), "amount_fen": amount_fen}


def _payment(choices: Choices, _at: datetime, _setting: Setting) -> dict[str, Any]:
    return {"amount_fen": choices.amount_fen or 120}


def _contract(choices: Choices, at: datetime, setting: Setting) -> dict[str, Any]:
    contract = {"contract_id": "cd"[choices.which % 2], "kind": "plan"}
    return {**contract, **_dated("ends_on", at, ENDS_IN_DAYS[choices.days % 6], setting)}


def _update(choices: Choices, at: datetime, setting: Setting) -> dict[str, Any]:
    joined_on = setting.calendar.date_of(at) - timedelta(days=(0, 31, 400, -5)[choices.days % 4])
    return ({"plan": "gotone"}, {"group_class": "A"}, {"group_class": "B"}, {"joined_on": joined_on.isoformat()})[
        choices.which
    ]


def _measure(choices: Choices, at: datetime, setting: Setting) -> dict[str, Any]:
    measure = {"measure": ("family_plan", "deposit_gift", "mailbox", "family_plan")[choices.which]}
    if choices.is_credit and choices.days % 2:
        return {"type": "measure.ended", **measure}
    return {**measure, **_dated("until", at, ENDS_IN_DAYS[choices.days % 6], setting)}


def _near(choices: Choices, at: datetime, setting: Setting) -> str:
    return name_of(setting.calendar.month_of(at) + choices.near_month)


def _dated(name: str, at: datetime, days: int | None, setting: Setting) -> dict[str, str]:
    return {} if days is None else {name: (setting.calendar.date_of(at) + timedelta(days=days)).isoformat()}


OWN_FIELDS: dict[str, Callable[[Choices, datetime, Setting], dict[str, Any]]] = {
    "usage.recorded": _usage,
    "fee.charged": _fee,
    "bill.issued": _bill,
    "bill.adjusted": _adjustment,
    "payment.received": _payment,
    "contract.signed": _contract,
    "contract.ended": _contract,
    "subscriber.updated": _update,
    "measure.enrolled": _measure,
}
PLAIN_FIELDS: dict[str, dict[str, Any]] = {
    "balance.reported": {"balance_fen": -5},
    "complaint.filed": {"complaint_id": "q1", "severity": "escalated"},
    "competitor.contacted": {"kind": "hotline_call"},
    "contact.resulted": {"case_id": "k1", "outcome": "reached"},
}
