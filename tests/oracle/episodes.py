"""Runs of events that belong together: what independent draws would seldom make.

A customer pays some months and not others (tiers fall twice), is away from one boundary to another, gets a bill that is
not paid.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st

from tests.oracle.events import DUE_IN_DAYS
from tests.oracle.months import name_of
from tests.oracle.settings import INSTANTS, Place, Setting, placed_at, said

Events = list[dict[str, Any]]

PAID_FEN = (0, 0, 0, 10, 30, 31, 59, 60, 61)


def episodes(setting: Setting, subscribers: int) -> st.SearchStrategy[Events]:
    """Give the strategy of one episode of one subscriber, without ids."""
    amounts = st.lists(st.sampled_from(PAID_FEN), min_size=setting.months, max_size=setting.months)
    lasting = st.tuples(st.sampled_from((60, 90)), st.integers(1, 3), st.sampled_from((30, 31, 59)))
    runs = st.one_of(
        amounts.map(partial(paying, setting)),
        lasting.map(partial(fading, setting)),
        st.one_of(st.tuples(INSTANTS, INSTANTS), INSTANTS.map(_twice)).map(partial(away, setting)),
        st.tuples(st.integers(0, 8), st.sampled_from(PAID_FEN), st.sampled_from(DUE_IN_DAYS)).map(
            partial(billed, setting)
        ),
    )
    return st.tuples(st.integers(0, subscribers - 1), runs).map(_owned)


def paying(setting: Setting, amounts_fen: list[int]) -> Events:
    """Charge a fee in the middle of each month."""
    starts = [setting.calendar.start(setting.first + month) + timedelta(days=12) for month in range(setting.months)]
    charged = zip(starts, amounts_fen, strict=True)
    return [{"type": "fee.charged", "occurred_at": said(at), "kind": "plan", "amount_fen": fen} for at, fen in charged]


def fading(setting: Setting, choice: tuple[int, int, int]) -> Events:
    """Pay much once, less some months later, and nothing more: the tier falls twice."""
    first_fen, gap, second_fen = choice
    amounts_fen = [first_fen, *[0] * gap, second_fen, *[0] * setting.months]
    return paying(setting, amounts_fen[: setting.months])


def away(setting: Setting, places: tuple[Place, Place]) -> Events:
    """Leave and come back, in this order, if only for an instant."""
    left_at, back_at = sorted(placed_at(place, setting) for place in places)
    return [
        {"type": "subscriber.deactivated", "occurred_at": said(left_at)},
        {"type": "subscriber.activated", "occurred_at": said(back_at)},
    ]


def billed(setting: Setting, choice: tuple[int, int, int | None]) -> Events:
    """Issue a month's bill as it ends, and have twice as much paid 20 days later."""
    month, amount_fen, due_in_days = setting.first + choice[0] % setting.months, *choice[1:]
    end_at = setting.calendar.end(month)
    due = {} if due_in_days is None else {"due_on": str(setting.calendar.date_of(end_at) + timedelta(days=due_in_days))}
    bill = {"bill_id": f"a{name_of(month)}", "billing_month": name_of(month), "amount_fen": amount_fen, **due}
    paid_at = end_at + timedelta(days=20)
    return [
        {"type": "bill.issued", "occurred_at": said(end_at), **bill},
        {"type": "payment.received", "occurred_at": said(paid_at), "amount_fen": 2 * amount_fen or 1},
    ]


def _owned(pair: tuple[int, Events]) -> Events:
    return [{**event, "subscriber_id": f"s{pair[0]}"} for event in pair[1]]


def _twice(place: Place) -> tuple[Place, Place]:
    return place, place
