"""Stories that hypothesis makes up: events of two subscribers over half a year, late, out of order, and ticks between.

Each is a list of steps, an event or the instant of a tick, in the order they come.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from stream_app.core.events import (
    BalanceReported,
    BillAdjusted,
    BillIssued,
    ContractEnded,
    ContractSigned,
    Event,
    FeeCharged,
    PaymentReceived,
    SubscriberActivated,
    SubscriberDeactivated,
    SubscriberUpdated,
    UsageRecorded,
)
from stream_app.core.months import month_number
from stream_app.core.policy import Policy
from tests.core.builders import SILVER, policy

Step = Event | datetime
START = datetime(2024, 1, 1, tzinfo=UTC)
FIRST_MONTH = month_number("2024-01")
MONTH_STARTS = (0, 31, 60, 91, 121, 152)
END_DAY = 250
AMOUNTS_FEN = (0, 1, 10, 29, 30, 31, 60)

POLICIES: tuple[tuple[Policy, ...], ...] = (
    (policy(),),
    (policy(zone="Asia/Shanghai", anchor_day=15, closes_to_downgrade=2, contract_required=True, usage_recent=2),),
    (
        policy(arrears_grace_days=5),
        policy("v2", "2024-03-10", tiers=[SILVER], correctable_months=1, usage_recent=2, grace_hours=300),
        policy("v3", "2024-05-02", contract_required=True, arrears_grace_days=0),
    ),
    (
        policy(
            zone="America/New_York",
            anchor_day=28,
            grace_hours=0,
            arrears_grace_days=0,
            closes_to_downgrade=3,
            forget_after_months=1,
            correctable_months=1,
        ),
    ),
)


class Story(NamedTuple):
    """The versions of a policy, and what happens under them."""

    policies: tuple[Policy, ...]
    steps: list[Step]


class Drawn(NamedTuple):
    """The choices that make up one event."""

    kind: int
    day: int
    hour: int
    amount_fen: int
    choice: int
    is_other: bool
    is_again: bool
    delay_days: int


DAYS = st.one_of(st.integers(0, 180), st.sampled_from(MONTH_STARTS))
HOURS = st.sampled_from((0, 0, 5, 12, 16))
DRAWN = st.builds(
    Drawn,
    st.integers(0, 19),
    DAYS,
    HOURS,
    st.sampled_from(AMOUNTS_FEN),
    st.integers(0, 3),
    st.booleans(),
    st.integers(0, 9).map(lambda chance: chance == 0),
    st.sampled_from((0, 0, 0, 0, 2, 20, 45, 100)),
)
TICKS = st.lists(st.tuples(DAYS, HOURS), max_size=12)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Draw a story in which anything may happen."""
    drawn = draw(st.lists(DRAWN, max_size=25))
    arrivals: list[tuple[datetime, Step]] = [
        (at_of(each) + timedelta(days=each.delay_days), event_of(each, number // 2 if each.is_again else number))
        for number, each in enumerate(drawn)
    ]
    ticks = [at(day, hour) for day, hour in draw(TICKS)]
    arrivals += [(each, each) for each in ticks]
    arrivals.sort(key=lambda arrival: arrival[0])
    return Story(draw(st.sampled_from(POLICIES)), [step for _, step in arrivals] + [at(END_DAY)])


@st.composite
def reordered(draw: st.DrawFn) -> tuple[Story, Story]:
    """Draw two stories of the same events and ticks: all events first, and then in any order between the ticks.

    No bill or contract is told of twice, no id comes again, no month is final: there arrival is the contract's word.
    """
    versions = [POLICIES[0], POLICIES[1], POLICIES[2]]
    policies = tuple(corrected_long(each) for each in draw(st.sampled_from(versions)))
    drawn = draw(st.lists(DRAWN, max_size=14))
    events: list[Step] = [event_of(each, number, alone=True) for number, each in enumerate(drawn)]
    ticks: list[Step] = [*sorted({at(day, hour) for day, hour in draw(TICKS)}), at(END_DAY)]
    mixed = draw(st.permutations(events))
    for tick in reversed(ticks[:-1]):
        mixed.insert(draw(st.integers(0, len(mixed))), tick)
    in_turn = iter(ticks)
    mixed = [next(in_turn) if isinstance(step, datetime) else step for step in mixed]
    return Story(policies, events + ticks), Story(policies, [*mixed, ticks[-1]])


def corrected_long(version: Policy) -> Policy:
    """Let no month of half a year become final."""
    longer = {name: getattr(version.billing, name) for name in ("zone", "anchor_day", "grace_hours")}
    return policy(
        version.version,
        version.effective_at.isoformat(),
        tiers=version.tiers,
        correctable_months=24,
        **longer,
        **{name: getattr(version.tier_policy, name) for name in version.tier_policy.__struct_fields__},
    )


def at(day: int, hour: int = 0) -> datetime:
    """Give the instant of a day and hour of the story."""
    return START + timedelta(days=day, hours=hour)


def at_of(drawn: Drawn) -> datetime:
    """Give when an event occurred."""
    return at(drawn.day, drawn.hour)


def event_of(drawn: Drawn, number: int, *, alone: bool = False) -> Event:
    """Make the event; `alone` gives bills and contracts names of their own."""
    name = str(number if alone else drawn.choice)
    common = (f"e{number}", "other" if drawn.is_other else "s", at_of(drawn))
    return KINDS[drawn.kind](common, drawn, name)


Make = Callable[[tuple[str, str, datetime], Drawn, str], Event]


def _usage(common: tuple[str, str, datetime], drawn: Drawn, _name: str) -> Event:
    return UsageRecorded(*common, service="voice", quantity=60, charge_fen=drawn.amount_fen, outgoing=drawn.choice > 0)


def _fee(common: tuple[str, str, datetime], drawn: Drawn, _name: str) -> Event:
    month = (None, _month(drawn) - 1, _month(drawn), _month(drawn) + 1)[drawn.choice]
    return FeeCharged(*common, month, kind="plan", amount_fen=drawn.amount_fen)


def _bill(common: tuple[str, str, datetime], drawn: Drawn, name: str) -> Event:
    due_on = (None, _day(drawn, 0), _day(drawn, 20), _day(drawn, 60))[drawn.choice]
    return BillIssued(*common, _month(drawn), bill_id=f"b{name}", amount_fen=drawn.amount_fen, due_on=due_on)


def _adjustment(common: tuple[str, str, datetime], drawn: Drawn, _name: str) -> Event:
    return BillAdjusted(*common, _month(drawn), amount_fen=drawn.amount_fen * (-1 if drawn.choice else 1))


def _payment(common: tuple[str, str, datetime], drawn: Drawn, _name: str) -> Event:
    return PaymentReceived(*common, amount_fen=drawn.amount_fen + 1)


def _balance(common: tuple[str, str, datetime], drawn: Drawn, _name: str) -> Event:
    return BalanceReported(*common, balance_fen=drawn.amount_fen)


def _activated(common: tuple[str, str, datetime], _drawn: Drawn, _name: str) -> Event:
    return SubscriberActivated(*common, profile={})


def _updated(common: tuple[str, str, datetime], drawn: Drawn, _name: str) -> Event:
    return SubscriberUpdated(*common, profile={"plan": f"p{drawn.choice}"})


def _deactivated(common: tuple[str, str, datetime], _drawn: Drawn, _name: str) -> Event:
    return SubscriberDeactivated(*common)


def _signed(common: tuple[str, str, datetime], drawn: Drawn, name: str) -> Event:
    ends_on = (None, None, _day(drawn, 0), _day(drawn, 40))[drawn.choice]
    return ContractSigned(*common, contract_id=f"c{name}", kind="contract", ends_on=ends_on)


def _ended(common: tuple[str, str, datetime], _drawn: Drawn, name: str) -> Event:
    return ContractEnded(*common, contract_id=f"c{name}", kind="contract")


def _month(drawn: Drawn) -> int:
    return FIRST_MONTH + drawn.day // 31


def _day(drawn: Drawn, later: int) -> date:
    return (START + timedelta(days=drawn.day + later)).date()


KINDS: tuple[Make, ...] = (
    *[_usage] * 6,
    *[_fee] * 2,
    *[_bill] * 3,
    _adjustment,
    _payment,
    _balance,
    _activated,
    _deactivated,
    _updated,
    *[_signed] * 2,
    _ended,
)
