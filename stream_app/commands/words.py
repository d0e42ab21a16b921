"""A subscriber's tier in words: a sentence that a person can say on the phone, then the figures it rests on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stream_app.commands.customer_words import customer_lines
from stream_app.commands.risk_words import risk_lines

Answer = Mapping[str, Any]

SUSPENSIONS = {
    "left": "has left the network",
    "arrears": "is in arrears",
    "contract": "has no contract, which the policy requires",
}
REASONS = {
    "left": "the customer left the network",
    "returned": "the customer came back to the network",
    "arrears": "bills are overdue",
    "payment": "the arrears are settled",
    "contract": "the contract changed",
    "policy": "a new policy came into force",
    "close": "a month closed",
    "correction": "a month's revenue was corrected",
    "live": "this month's revenue reached it",
}


def yuan(fen: int) -> str:
    """Write fen as yuan: 123456 -> 1,234.56."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def explain(answer: Answer, changes: Sequence[Answer], risk_changes: Sequence[Answer] = ()) -> Iterator[str]:
    """Put a subscriber's answer into words; `changes` are those of the tier that are known, the oldest first."""
    yield sentence(answer)
    if changes:
        yield _last_change(changes[-1])
    yield ""
    yield from _figures(answer)
    if "value_class" in answer:
        yield from customer_lines(answer)
    if changes:
        yield ""
        yield "tier changes:"
        yield from map(_line, changes)
    if "risk" in answer and answer["basis"]:
        yield ""
        yield from risk_lines(answer, risk_changes)


def sentence(answer: Answer) -> str:
    """Say which tier and why."""
    who, tier, worth = answer["subscriber_id"], answer["tier"], answer["worth"]
    basis = answer["basis"]
    if not basis:
        return f"{who} has no tier yet: the clock has not ticked since its first event."
    window_fen = sum(month["revenue_fen"] for month in basis)
    arpu_fen = (2 * window_fen + 3) // 6
    first, last = basis[0]["billing_month"], basis[-1]["billing_month"]
    months = f"the three months {first} to {last} bring {yuan(arpu_fen)} yuan a month on average"
    if answer["suspended"]:
        held = f"would be {worth}, but " if worth else "has no tier: the customer "
        return f"{who} {held}{' and '.join(SUSPENSIONS[name] for name in answer['suspended'])} ({months})."
    if tier is None:
        below, next_tier = _below(window_fen, answer["next_floor_fen"]), answer["next_tier"]
        return f"{who} has no tier: {months}, {below} the {yuan(answer['next_floor_fen'])} yuan of {next_tier}."
    if window_fen < 3 * answer["floor_fen"]:
        return (
            f"{who} is still {tier}: {months}, {_below(window_fen, answer['floor_fen'])} its "
            f"{yuan(answer['floor_fen'])} yuan, "
            "but not yet for as many closes in a row as it takes to lose the tier."
        )
    how = "already, before the month closes" if answer["provisional"] else "officially"
    above = f"; {answer['next_tier']} begins at {yuan(answer['next_floor_fen'])} yuan" if answer["next_tier"] else ""
    return f"{who} is {tier} {how}: {months}, at or above its {yuan(answer['floor_fen'])} yuan{above}."


def _below(window_fen: int, floor_fen: int) -> str:
    """Say how far below a floor three months are, where the rounded average would not show it."""
    short_fen = 3 * floor_fen - window_fen
    return "below" if short_fen > 1 else "1 fen in three months below"


def _last_change(change: Answer) -> str:
    moved = f"{change['direction']} from {_tier(change['from'])} to {_tier(change['to'])}"
    return f"It went {moved} on {change['occurred_at'][:10]} (UTC), because {REASONS[change['reason']]}."


def _tier(code: str | None) -> str:
    return code or "none"


def _line(change: Answer) -> str:
    move = f"{_tier(change['from'])} -> {_tier(change['to'])}"
    return f"  {change['occurred_at'][:19]}Z  {move}: {REASONS[change['reason']]}"


def _figures(answer: Answer) -> Iterator[str]:
    yield f"official tier          {_tier(answer['official_tier'])}"
    yield f"ARPU, closed months    {yuan(answer['arpu_closed_fen'])} yuan"
    yield f"ARPU, with open months {yuan(answer['arpu_live_fen'])} yuan"
    yield f"arrears                {yuan(answer['arrears_fen'])} yuan"
    yield f"credit big customer    {'yes' if answer['credit_big_customer'] else 'no'}"
    yield f"policy                 {answer['policy_version'] or 'none'}"
    for month in answer["months"]:
        state = f"{'billed' if month['billed'] else 'accrued'}, {'closed' if month['closed'] else 'open'}"
        yield f"  {month['billing_month']}  {yuan(month['revenue_fen']):>14} yuan  {state}"
