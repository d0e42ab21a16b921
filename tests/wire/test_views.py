"""A view as JSON: the names of CONTRACTS section 7, and every field of the view."""

from datetime import date
from typing import Any

from msgspec.structs import fields

from stream_app.core.customer import Customer
from stream_app.core.facts import WindowMonth, Worth
from stream_app.core.planfit import PlanFit
from stream_app.core.view import View
from stream_app.wire.views import view_object

MONTHS = tuple(WindowMonth(2025 * 12 + n, 100 * n, n == 1, n < 2) for n in range(3))
VIEW = View(
    subscriber_id="s-1",
    tier="GOLD",
    official_tier=None,
    arpu_closed_fen=1,
    arpu_live_fen=2,
    arrears_fen=3,
    credit_big_customer=True,
    months=MONTHS,
    suspended=("arrears",),
    worth="GOLD",
    provisional=False,
    basis=MONTHS[:1],
    floor_fen=5000,
    next_tier=None,
    next_floor_fen=None,
    policy_version="p-1",
    branch_id="b-7",
)


NESTED = {"customer", "risk"}  # laid out after the rest, each by its own function


def test_every_field_of_a_view_is_laid_out_under_its_own_name() -> None:
    laid_out, names = view_object(VIEW), [field.name for field in fields(View) if field.name not in NESTED]
    assert list(laid_out)[: len(names)] == names
    plain = {name: laid_out[name] for name in names if name not in {"months", "basis", "suspended"}}
    assert plain == {name: getattr(VIEW, name) for name in plain}
    assert laid_out["suspended"] == ["arrears"]


def test_months_are_named_and_in_order() -> None:
    laid_out: dict[str, Any] = view_object(VIEW)
    assert laid_out["months"] == [
        {"billing_month": "2025-01", "revenue_fen": 0, "billed": False, "closed": True},
        {"billing_month": "2025-02", "revenue_fen": 100, "billed": True, "closed": True},
        {"billing_month": "2025-03", "revenue_fen": 200, "billed": False, "closed": False},
    ]
    assert laid_out["basis"] == laid_out["months"][:1]


def test_what_a_customer_is_worth_and_holds_is_laid_out_flat() -> None:
    fit = PlanFit("gotone_58", 24301, 7200, 100, 9000, 5800, "gotone_98")
    customer = Customer(
        worth=Worth("quasi", assessed=True),
        growth_gap_fen=1500,
        measures={"family_plan": None, "mailbox": date(2025, 6, 30).toordinal()},
        stabilising=("family_plan",),
        sticky_services=("mailbox",),
        tenure_months=40,
        tenure_band="long",
        plan_fit=fit,
    )
    laid_out = view_object(View(subscriber_id="s", customer=customer))
    assert {name: laid_out[name] for name in EXPECTED} == EXPECTED


EXPECTED = {
    "value_class": "quasi",
    "dynamic": False,
    "important": False,
    "assessed": True,
    "growth_gap_fen": 1500,
    "measures": ["family_plan", "mailbox"],
    "measures_until": {"family_plan": None, "mailbox": "2025-06-30"},
    "stabilising_measures": ["family_plan"],
    "sticky_services": ["mailbox"],
    "cross_stabilised": False,
    "tenure_months": 40,
    "tenure_band": "long",
    "plan_fit": {
        "plan": "gotone_58",
        "billing_month": "2025-02",
        "outgoing_seconds": 7200,
        "plan_minutes": 100,
        "bill_fen": 9000,
        "price_fen": 5800,
        "move_to": "gotone_98",
    },
}
