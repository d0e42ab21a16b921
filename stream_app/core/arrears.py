"""Arrears: overdue bills less payments and negative adjustments, over the whole history (CONTRACTS section 4)."""

from stream_app.core.admission import lasting
from stream_app.core.policy import Policy
from stream_app.core.state import DUE_FROM, NEVER, Bill, Subscriber

LONGEST_GRACE_DAYS = 366  # a policy cannot ask for more, so a bill older than this is overdue under any version


def outlook(sub: Subscriber, day: int, policy: Policy) -> tuple[int, int]:
    """Give what is overdue and unpaid on a local day, 0 when nothing is, and the next day a bill turns overdue."""
    grace_days = policy.tier_policy.arrears_grace_days
    past = day - grace_days - DUE_FROM  # overdue: day > due + grace
    owed_fen, soonest = sub.overdue_fen, NEVER
    for bill in sub.bills.values():
        if bill.due_day is None:
            continue
        if bill.due_day < past:
            owed_fen += bill.amount_fen
        else:
            soonest = min(soonest, bill.due_day)
    for due_day, amount_fen in sub.due.items():
        if due_day < past:
            owed_fen += amount_fen
        elif due_day < soonest:
            soonest = due_day
    return max(0, owed_fen - sub.credit_fen), NEVER if soonest == NEVER else soonest + grace_days + 1 + DUE_FROM


def arrears_fen(sub: Subscriber, day: int, policy: Policy) -> int:
    """Give what is overdue and unpaid on a local day; 0 when nothing is."""
    return outlook(sub, day, policy)[0]


def oldest_unpaid_day(sub: Subscriber, day: int, policy: Policy) -> int | None:
    """Give the day that the oldest bill unpaid was due on, by its ordinal; None where nothing is in arrears.

    What was paid counts for the oldest bill first. Of bills due over a year ago the day is not known any more: it is
    told as the longest grace before.
    """
    past = day - policy.tier_policy.arrears_grace_days - DUE_FROM
    left_fen = sub.credit_fen - sub.overdue_fen
    if left_fen < 0:
        return day - LONGEST_GRACE_DAYS
    owed = [(bill.due_day, bill.amount_fen) for bill in sub.bills.values() if bill.due_day is not None]
    for due_day, amount_fen in sorted([*owed, *sub.due.items()]):
        left_fen -= amount_fen
        if due_day < past and left_fen < 0:
            return due_day + DUE_FROM
    return None


def retire(sub: Subscriber, key: bytes, bill: Bill) -> None:
    """Keep of a bill whose month is final only what still matters: its month, and its amount by due day."""
    del sub.bills[key]
    sub.bill_months += lasting(key, bill.month)
    if bill.due_day is not None:
        sub.due[bill.due_day] = sub.due.get(bill.due_day, 0) + bill.amount_fen


def fold(sub: Subscriber, day: int) -> None:
    """Fold bills that are overdue under any policy into one sum."""
    last = day - DUE_FROM - LONGEST_GRACE_DAYS
    for due_day in tuple(sub.due):
        if due_day < last:
            sub.overdue_fen += sub.due.pop(due_day)
