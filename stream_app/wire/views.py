"""A subscriber's view as JSON: the form of subscribers.ndjson and of the worker's answer."""

from stream_app.core.facts import WindowMonth
from stream_app.core.months import month_name
from stream_app.core.view import View


def view_object(view: View) -> dict[str, object]:
    """Lay a view out in the names of CONTRACTS section 7, with what it rests on beside."""
    return {
        "subscriber_id": view.subscriber_id,
        "tier": view.tier,
        "official_tier": view.official_tier,
        "arpu_closed_fen": view.arpu_closed_fen,
        "arpu_live_fen": view.arpu_live_fen,
        "arrears_fen": view.arrears_fen,
        "credit_big_customer": view.credit_big_customer,
        "months": [month_object(month) for month in view.months],
        "suspended": list(view.suspended),
        "worth": view.worth,
        "provisional": view.provisional,
        "basis": [month_object(month) for month in view.basis],
        "floor_fen": view.floor_fen,
        "next_tier": view.next_tier,
        "next_floor_fen": view.next_floor_fen,
        "policy_version": view.policy_version,
        "branch_id": view.branch_id,
    }


def month_object(month: WindowMonth) -> dict[str, object]:
    """Lay out one month of a window."""
    return {
        "billing_month": month_name(month.month),
        "revenue_fen": month.revenue_fen,
        "billed": month.billed,
        "closed": month.closed,
    }
