"""Tiers: official at the close, live from open months (CONTRACTS section 4).

Leaving, arrears or a missing contract suspend a tier; what the customer is worth stays known.
"""

from typing import NamedTuple

from stream_app.core import arrears, network, windows
from stream_app.core.facts import Origin, Reason, TierChanged
from stream_app.core.policy import Policy, PolicySet
from stream_app.core.state import IN_ARREARS, LEFT, NO_CONTRACT, UNLIMITED_FEN, Subscriber, Tick


class Shift(NamedTuple):
    """What a cause did that may move a tier, for the reason of the change."""

    month_closed: bool = False
    policy_changed: bool = False
    closed_changed: bool = False  # a closed month's revenue or official tier
    open_fell: bool = False  # the revenue of an open month went down


class Basis(NamedTuple):
    """The tier a customer is worth, whatever suspends it, and the window it rests on."""

    code: str | None
    rank: int
    last_month: int  # of the window
    most_fen: int  # what the highest of the open windows sums up to


def standing(sub: Subscriber, day: int, policy: Policy, owed_fen: int) -> int:
    """Find what suspends the tier on a local day: LEFT, IN_ARREARS, NO_CONTRACT, added up."""
    flags = LEFT if network.has_left(sub) else 0
    if owed_fen:
        flags |= IN_ARREARS
    if policy.tier_policy.contract_required and not has_contract(sub, day):
        flags |= NO_CONTRACT
    return flags


def has_contract(sub: Subscriber, day: int) -> bool:
    """Tell whether any contract signed last is not past its end on a local day."""
    return any(day <= ends for ends in sub.contracts.values())


def official(sub: Subscriber, month: int) -> str | None:
    """Give the official tier of a closed month; before the subscriber's first month none was ever set."""
    return sub.months.get(month, windows.NOTHING).official


def basis(sub: Subscriber, tick: Tick, policy: Policy, policies: PolicySet) -> Basis:
    """Find the higher of the official tier and what open windows qualify for; a tie rests on what is closed."""
    code, last_month = official(sub, tick.closed), tick.closed
    best, best_fen, most_fen = policies.rank(policy, code), 0, -UNLIMITED_FEN
    for last in range(tick.closed + 1, tick.opened + 1):
        window_fen = windows.window_fen(sub, last)
        most_fen = max(most_fen, window_fen)
        rank = policy.qualify(window_fen)
        if rank > best or (rank == best and last_month > tick.closed and window_fen > best_fen):
            code, best, last_month, best_fen = policy.code(rank), rank, last, window_fen
    return Basis(code, best, last_month, most_fen)


class Move(NamedTuple):
    """A change of tier, not yet worded as a fact."""

    from_tier: str | None
    up: bool
    reason: Reason
    last_month: int  # of the window it rests on


def settle(sub: Subscriber, tick: Tick, policies: PolicySet, shift: Shift) -> Move | None:
    """Bring standing, tier, headroom and wake day up to date; give the move if the tier changed."""
    policy = policies.named(tick.version)
    flags_before, tier_before = sub.standing, sub.tier
    if sub.contracts:
        sub.contracts = {key: ends for key, ends in sub.contracts.items() if tick.day <= ends}
    found = basis(sub, tick, policy, policies)
    owed_fen, sub.wake_day = arrears.outlook(sub, tick.day, policy)
    sub.standing = standing(sub, tick.day, policy, owed_fen)
    sub.tier = None if sub.standing else found.code
    sub.headroom_fen = UNLIMITED_FEN if sub.standing else headroom_fen(policy, found)
    for ends in sub.contracts.values():
        sub.wake_day = min(sub.wake_day, ends + 1)
    if sub.tier == tier_before:
        return None
    up = policies.rank(policy, sub.tier) >= policies.rank(policy, tier_before)
    return Move(tier_before, up, reason(flags_before, sub.standing, shift), found.last_month)


def headroom_fen(policy: Policy, found: Basis) -> int:
    """Give how much may still accrue before some open window reaches a tier above the one found."""
    floor_fen = policy.floor_above_fen(found.rank)
    return UNLIMITED_FEN if floor_fen is None else 3 * floor_fen - found.most_fen


def reason(before: int, after: int, shift: Shift) -> Reason:
    """Name the first reason that holds, in the order of CONTRACTS section 5."""
    came, went = after & ~before, before & ~after
    holds: tuple[tuple[Reason, bool | int], ...] = (
        ("left", came & LEFT),
        ("returned", went & LEFT),
        ("arrears", came & IN_ARREARS),
        ("payment", went & IN_ARREARS),
        ("contract", (came | went) & NO_CONTRACT),
        ("policy", shift.policy_changed),
        ("close", shift.month_closed),
        ("correction", shift.closed_changed or shift.open_fell),
    )
    return next((name for name, held in holds if held), "live")


def tier_changed(sub: Subscriber, tick: Tick, move: Move, origin: Origin) -> TierChanged:
    """Word a move as a fact."""
    return TierChanged(
        subscriber_id=origin.subscriber_id,
        occurred_at=origin.occurred_at,
        policy_version=tick.version,
        branch_id=sub.branch_id,
        cause=origin.cause,
        from_tier=move.from_tier,
        to_tier=sub.tier,
        direction="up" if move.up else "down",
        reason=move.reason,
        provisional=move.last_month > tick.closed,
        arpu_fen=windows.arpu_fen(windows.window_fen(sub, move.last_month)),
        window=windows.window_months(sub, move.last_month - 2, move.last_month, tick.closed),
    )
