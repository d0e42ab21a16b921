"""Plan fit 契合度: whether a customer has outgrown the plan, and which one would fit (DOMAIN section 4)."""

from msgspec import Struct

from stream_app.core import windows
from stream_app.core.policy import Plan, Plans
from stream_app.core.state import TRAITS, Subscriber
from stream_app.core.usage import volumes

_PLAN = TRAITS.index("plan")
MINUTE_SECONDS = 60


class PlanFit(Struct, frozen=True):
    """The last closed month beside the plan; `move_to` names a plan worth offering, None for none."""

    plan: str
    billing_month: int
    outgoing_seconds: int
    plan_minutes: int
    bill_fen: int
    price_fen: int
    move_to: str | None


def plan_fit(sub: Subscriber, closed: int, tenure_months: int | None, policy: Plans) -> PlanFit | None:
    """Hold the last closed month against the customer's plan; None where the plan is not known.

    A move is due with minutes above the plan's, a bill above its price, and tenure above what the policy asks for.
    """
    plan = next((each for each in policy.known if each.name == sub.traits.get(_PLAN)), None)
    if plan is None:
        return None
    seconds, bill_fen = volumes(sub.months.get(closed, windows.NOTHING))[0], windows.revenue_fen(sub, closed)
    outgrown = seconds > plan.minutes * MINUTE_SECONDS and bill_fen > plan.price_fen
    stays = tenure_months is not None and tenure_months > policy.move_over_months
    move_to = _better(plan, seconds, policy) if outgrown and stays else None
    return PlanFit(plan.name, closed, seconds, plan.minutes, bill_fen, plan.price_fen, move_to)


def _better(plan: Plan, seconds: int, policy: Plans) -> str | None:
    """Name the cheapest plan that holds these minutes, else the one of the most minutes, if it has more at all."""
    larger = [each for each in policy.known if each.minutes > plan.minutes]
    enough = [each for each in larger if each.minutes * MINUTE_SECONDS >= seconds]
    if enough:
        return min(enough, key=lambda each: (each.price_fen, each.name)).name
    return max(larger, key=lambda each: (each.minutes, each.name)).name if larger else None
