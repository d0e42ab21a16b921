"""A customer as the retention plan sees one: value class, measures, tenure and plan fit, at a partition's clock."""

from collections.abc import Mapping

from msgspec import Struct

from stream_app.core import measures, planfit, tenure, value, windows
from stream_app.core.facts import UNCLASSED, Worth
from stream_app.core.planfit import PlanFit
from stream_app.core.policy import PolicySet
from stream_app.core.state import NEVER, Clock, Subscriber, Tick


class Customer(Struct, frozen=True, kw_only=True):
    """What of a customer does not follow from the tier."""

    worth: Worth = UNCLASSED  # of the last closed month
    growth_gap_fen: int | None = None
    measures: Mapping[str, int | None] = {}  # held -> the last day that it holds, None without end
    stabilising: tuple[str, ...] = ()
    sticky_services: tuple[str, ...] = ()
    cross_stabilised: bool = False
    tenure_months: int | None = None
    tenure_band: str | None = None
    plan_fit: PlanFit | None = None


def customer(sub: Subscriber, tick: Tick, clock: Clock, policies: PolicySet) -> Customer:
    """Lay out a customer that has seen the tick."""
    policy, day = policies.named(tick.version), tick.day
    worth = value.current(sub, tick.closed, clock, policies)
    arpu_fen = windows.arpu_fen(windows.window_fen(sub, tick.closed))
    months = tenure.tenure_months(sub, day, policies.calendar)
    ends = {name: sub.measures[name] for name in measures.held(sub, day)}
    return Customer(
        worth=worth,
        growth_gap_fen=value.growth_gap_fen(worth, arpu_fen, policy.value_classes),
        measures={name: None if last == NEVER else last for name, last in ends.items()},
        stabilising=tuple(measures.stabilising(sub, day, policy.measures)),
        sticky_services=tuple(measures.sticky(sub, day, policy.measures)),
        cross_stabilised=measures.is_cross_stabilised(sub, day, policy.measures),
        tenure_months=months,
        tenure_band=tenure.band(months, policy.measures),
        plan_fit=planfit.plan_fit(sub, tick.closed, months, policy.plans),
    )
