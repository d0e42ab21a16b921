"""A subscriber's view as JSON: the form of subscribers.ndjson and of the worker's answer."""

from stream_app.core.view import View
from stream_app.wire.facts import window_object


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
        "months": [window_object(month) for month in view.months],
        "suspended": list(view.suspended),
        "worth": view.worth,
        "provisional": view.provisional,
        "basis": [window_object(month) for month in view.basis],
        "floor_fen": view.floor_fen,
        "next_tier": view.next_tier,
        "next_floor_fen": view.next_floor_fen,
        "policy_version": view.policy_version,
        "branch_id": view.branch_id,
    }
