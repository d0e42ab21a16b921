"""A view as JSON: the names of CONTRACTS section 7, and every field of the view."""

from typing import Any

from msgspec.structs import fields

from stream_app.core.facts import WindowMonth
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


def test_every_field_of_a_view_is_laid_out_under_its_own_name() -> None:
    laid_out = view_object(VIEW)
    assert list(laid_out) == [field.name for field in fields(View)]
    plain = {name: value for name, value in laid_out.items() if name not in {"months", "basis", "suspended"}}
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
