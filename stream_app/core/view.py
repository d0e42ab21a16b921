"""What a subscriber looks like at a partition's clock: the figures that answers, pages and `why` show."""

from msgspec import Struct

from stream_app.core import arrears, tiers, windows
from stream_app.core.customer import Customer, customer
from stream_app.core.facts import WindowMonth
from stream_app.core.policy import PolicySet
from stream_app.core.risk import RiskView, risk_view
from stream_app.core.state import IN_ARREARS, LEFT, NO_CONTRACT, Clock, Subscriber


class View(Struct, frozen=True, kw_only=True):
    """A subscriber as of the last tick; before any there are no figures."""

    subscriber_id: str
    tier: str | None = None
    official_tier: str | None = None
    arpu_closed_fen: int = 0
    arpu_live_fen: int = 0
    arrears_fen: int = 0
    credit_big_customer: bool = False
    months: tuple[WindowMonth, ...] = ()  # of all windows in force
    suspended: tuple[str, ...] = ()  # why a tier earned is not held: left, arrears, contract
    worth: str | None = None  # the tier if nothing suspended it
    provisional: bool = False  # rests on an open month
    basis: tuple[WindowMonth, ...] = ()  # the window that the tier rests on, oldest month first
    floor_fen: int | None = None  # of the tier it is worth
    next_tier: str | None = None  # the one above
    next_floor_fen: int | None = None
    policy_version: str | None = None
    branch_id: str | None = None
    customer: Customer = Customer()
    risk: RiskView = RiskView()


SUSPENSIONS = ((LEFT, "left"), (IN_ARREARS, "arrears"), (NO_CONTRACT, "contract"))


def view(sub: Subscriber, subscriber_id: str, clock: Clock, policies: PolicySet) -> View:
    """Lay out a subscriber that has seen all ticks of the clock."""
    tick = clock.tick
    if tick is None:
        return View(subscriber_id=subscriber_id, branch_id=sub.branch_id)
    policy = policies.named(tick.version)
    found = tiers.basis(sub, tick, policy, policies)
    owed_fen = arrears.arrears_fen(sub, tick.day, policy)
    return View(
        subscriber_id=subscriber_id,
        tier=sub.tier,
        official_tier=tiers.official(sub, tick.closed),
        arpu_closed_fen=windows.arpu_fen(windows.window_fen(sub, tick.closed)),
        arpu_live_fen=max(
            windows.arpu_fen(windows.window_fen(sub, last)) for last in range(tick.closed + 1, tick.opened + 1)
        ),
        arrears_fen=owed_fen,
        credit_big_customer=sub.tier is not None and owed_fen == 0 and tiers.has_contract(sub, tick.day),
        months=windows.window_months(sub, tick.closed - 2, tick.opened, tick.closed),
        suspended=tuple(name for flag, name in SUSPENSIONS if sub.standing & flag),
        worth=found.code,
        provisional=found.last_month > tick.closed,
        basis=windows.window_months(sub, found.last_month - 2, found.last_month, tick.closed),
        floor_fen=policy.floor_above_fen(found.rank - 1) if found.rank else None,
        next_tier=policy.code(found.rank + 1) if found.rank < len(policy.tiers) else None,
        next_floor_fen=policy.floor_above_fen(found.rank),
        policy_version=tick.version,
        branch_id=sub.branch_id,
        customer=customer(sub, tick, clock, policies),
        risk=risk_view(sub, tick, policies),
    )
