"""A subscriber's view as JSON: the form of subscribers.ndjson and of the worker's answer."""

from datetime import date

from msgspec import to_builtins

from stream_app.core.customer import Customer
from stream_app.core.months import month_name
from stream_app.core.risk import RiskView
from stream_app.core.view import View
from stream_app.wire.facts import offer_object, reason_object, window_object


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
        **_customer_object(view.customer),
        "risk": _risk_object(view.risk),
    }


def _risk_object(risk: RiskView) -> dict[str, object]:
    return {
        "level": risk.level,
        "since_on": risk.since_on,
        "held_by": risk.held_by,
        "score": risk.score,
        "reasons": [reason_object(reason) for reason in risk.reasons],
        "protections": [reason_object(reason) for reason in risk.protections],
        "suggested_measures": list(risk.suggested_measures),
        "offers": [offer_object(offer) for offer in risk.offers],
        "channels": list(risk.channels),
    }


def _customer_object(customer: Customer) -> dict[str, object]:
    worth, fit = customer.worth, customer.plan_fit
    return {
        "value_class": worth.value_class,
        "dynamic": worth.dynamic,
        "important": worth.important,
        "assessed": worth.assessed,
        "growth_gap_fen": customer.growth_gap_fen,
        "measures": list(customer.measures),
        "measures_until": {name: None if last is None else _date(last) for name, last in customer.measures.items()},
        "stabilising_measures": list(customer.stabilising),
        "sticky_services": list(customer.sticky_services),
        "cross_stabilised": customer.cross_stabilised,
        "tenure_months": customer.tenure_months,
        "tenure_band": customer.tenure_band,
        "plan_fit": None if fit is None else {**to_builtins(fit), "billing_month": month_name(fit.billing_month)},
    }


def _date(day: int) -> str:
    return date.fromordinal(day).isoformat()
