"""The risk of a customer: score, reasons, what is told of it, and when to look again (DOMAIN section 5).

How the score moves the level is the affair of `level`. Leaving the network ends it.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from math import inf
from typing import NamedTuple

from msgspec import Struct, structs

from stream_app.core import level, offers, pace
from stream_app.core.events import Event, MeasureEnrolled
from stream_app.core.facts import ChurnRiskChanged, Level, Origin, QuotedOffer, RiskReason
from stream_app.core.indicators import INDICATORS, PACED
from stream_app.core.level import NOTHING_TOLD, HeldBy
from stream_app.core.months import BillingCalendar
from stream_app.core.policy import PolicySet
from stream_app.core.reading import Reading, Scale, Setting
from stream_app.core.risk_policy import Weighed
from stream_app.core.state import IN_ARREARS, LEFT, LEVELS, NEVER, Ground, Risk, Subscriber, Tick

MOST, LEAST = 100, 0
GONE = "left"
SHORTEST_MONTH_DAYS = 28
GATHERED_DAYS = 2
NOTHING_STOOD = Ground()


class Assessment(NamedTuple):
    """A score with the reasons that carry it and those that hold it down, the heaviest first."""

    score: int
    urgent: int  # the score without the points of paced reasons
    reasons: tuple[RiskReason, ...]
    protections: tuple[RiskReason, ...]
    look_day: int  # from which day the passing of days alone may change a reading


class RiskView(Struct, frozen=True, kw_only=True):
    """The risk of a customer as answers and `why` show it: the level told, and how it stands at the clock."""

    level: Level = "none"
    since_on: str | None = None
    held_by: HeldBy | None = None  # where the score alone would not give the level any more
    score: int = 0
    reasons: tuple[RiskReason, ...] = ()
    protections: tuple[RiskReason, ...] = ()
    suggested_measures: tuple[str, ...] = ()
    offers: tuple[QuotedOffer, ...] = ()
    channels: tuple[str, ...] = ()


def risk_view(sub: Subscriber, tick: Tick, policies: PolicySet) -> RiskView:
    """Lay out the risk of a customer that has seen the tick; who left has none."""
    if sub.standing & LEFT:
        return RiskView()
    setting, told = setting_of(tick, policies), sub.risk or NOTHING_TOLD
    found = assess(sub, setting)
    stands = told if told.ground is None else _stands(sub, found, setting, by_tick=False)
    suggested = offers.suggest(sub, setting, stands.level)
    return RiskView(
        level=LEVELS[stands.level],
        since_on=date.fromordinal(stands.since_day).isoformat() if stands.level else None,
        held_by=level.held_by(stands, found.score, setting.risk, tick.day),
        score=found.score,
        reasons=found.reasons,
        protections=found.protections,
        suggested_measures=suggested.measures,
        offers=suggested.offers,
        channels=suggested.channels,
    )


def setting_of(tick: Tick, policies: PolicySet) -> Setting:
    """Lay out what the rules read at a tick."""
    return _setting_of(tick, policies)


@lru_cache(maxsize=8)
def _setting_of(tick: Tick, policies: PolicySet) -> Setting:
    policy, calendar = policies.named(tick.version), policies.calendar
    judged = pace.judged(tick, policy.risk, calendar)
    return Setting(tick, policy, policies, policy.risk, calendar, judged, tuple(map(_scale, policy.risk.indicators)))


def _scale(weighed: Weighed) -> Scale:
    bins = tuple(
        (-inf if each.start is None else each.start, inf if each.end is None else each.end, each.points)
        for each in weighed.bins
    )
    name = weighed.name
    return Scale(name, INDICATORS[name], bins, weighed.missing, weighed.bounds, name in PACED)


def assess(sub: Subscriber, setting: Setting) -> Assessment:
    """Weigh every indicator of the policy; it changes nothing."""
    risk, day, reasons = setting.risk, setting.tick.day, list[RiskReason]()
    total, paced, look_day, checkpoint = risk.base_points, 0, NEVER, next_checkpoint(setting)
    for name, rule, bins, points, bounds, is_paced in setting.scales:  # points: of a gap
        reading = rule(sub, setting)
        value = reading.value
        if value is not None:
            points = 0  # noqa: PLW2901
            for start, end, worth in bins:
                if start <= value < end:
                    points = worth  # noqa: PLW2901
                    break
        if reading.drift or reading.until_day < look_day:
            coming = next_day(bounds, reading, day)
            look_day = min(look_day, _gathered(coming, checkpoint) if is_paced else coming)
        if points:
            total += points
            reasons.append(RiskReason(name, points, value, reading.tell()))
            if is_paced and points > 0:
                paced += points
    reasons.sort(key=lambda reason: -abs(reason.points))  # stable: the policy's order decides between equals
    return Assessment(
        max(LEAST, min(MOST, total)),
        max(LEAST, min(MOST, total - paced)),
        tuple(reason for reason in reasons if reason.points > 0),
        tuple(reason for reason in reasons if reason.points < 0),
        look_day,
    )


def next_day(bounds: Sequence[int], reading: Reading, day: int) -> int:
    """Give the next day on which the points may change though nothing happens; a lower bound."""
    value = reading.value
    if value is None:
        return reading.until_day
    if reading.counts_months:
        months = next((bound - value for bound in bounds if bound > value), None)
        return NEVER if months is None else reading.until_day + (months - 1) * SHORTEST_MONTH_DAYS
    if reading.drift > 0:
        days = next((bound - value for bound in bounds if bound > value), NEVER)
    elif reading.drift < 0:
        days = next((value - bound + 1 for bound in reversed(bounds) if bound <= value), NEVER)
    else:
        days = NEVER
    return min(reading.until_day, day + days)


def at_tick(sub: Subscriber, tick: Tick, policies: PolicySet, origin: Origin) -> tuple[ChurnRiskChanged, ...]:
    """Weigh a customer at a tick: the level found is what the next days stand on."""
    setting = setting_of(tick, policies)
    found = assess(sub, setting)
    stands = _stands(sub, found, setting, by_tick=True)
    facts = _tell(sub, stands, setting, found, origin)
    sub.watch_day = watch_day(found, stands, setting)
    return facts


def hear(
    sub: Subscriber, event: Event, tick: Tick, policies: PolicySet, origin: Origin
) -> tuple[ChurnRiskChanged, ...]:
    """Weigh a customer of whom an event tells, from what stood at the last tick; the next day's weighs again."""
    if type(event) in level.NO_ALARM:
        sub.watch_day = min(sub.watch_day, tick.day + 1)
        return ()
    setting = setting_of(tick, policies)
    if not setting.risk.indicators:  # a policy that weighs again is met by every row at its tick
        sub.watch_day = NEVER
        return ()
    if type(event) in level.CAN_WAIT and (sub.risk is None or not sub.risk.level):
        if not _is_usual(sub, event):
            sub.watch_day = min(sub.watch_day, tick.day + 1)
        return ()
    ground = level.ground_of(sub.risk or NOTHING_TOLD)
    level.relieve(ground, event)
    sub.risk = structs.replace(sub.risk or NOTHING_TOLD, ground=ground)
    found = assess(sub, setting)
    stands = structs.replace(_stands(sub, found, setting, by_tick=False), ground=ground)
    facts = _tell(sub, stands, setting, found, origin)
    sub.watch_day = tick.day + 1
    return facts


def _is_usual(sub: Subscriber, event: Event) -> bool:
    """Tell whether it is one of the bills or payments that change no reading; the due day of a bill wakes by itself."""
    owes = sub.standing & IN_ARREARS or (sub.signs is not None and sub.signs.balance_at)
    return not owes and not isinstance(event, MeasureEnrolled)


def watch_day(found: Assessment, stands: Risk, setting: Setting) -> int:
    """Give the next local day on which a tick may change the level; a lower bound, after today."""
    day = setting.tick.day
    days = [found.look_day, next_checkpoint(setting), level.next_look_day(stands, found.score, setting.risk, day)]
    return max(day + 1, min(each for each in days if each is not None))


def _gathered(look_day: int, checkpoint: int) -> int:
    """Put what the days bring off to a checkpoint that is near: most customers use the phone again before it."""
    return checkpoint if checkpoint - GATHERED_DAYS <= look_day <= checkpoint else look_day


def next_checkpoint(setting: Setting) -> int:
    """Give the next day on which paced indicators are worked."""
    days = setting.risk.checkpoint_days
    if not days or not any(weighed.name in PACED for weighed in setting.risk.indicators):
        return NEVER
    return _next_checkpoint(setting.calendar, days, setting.tick.opened, setting.tick.day)


@lru_cache(maxsize=16)
def _next_checkpoint(calendar: BillingCalendar, days: tuple[int, ...], month: int, day: int) -> int:
    first, following = calendar.first_day(month), calendar.first_day(month + 1)
    coming = [first + number - 1 for number in days if day < first + number - 1 < following]
    return min(coming, default=following + min(days) - 1)


def _stands(sub: Subscriber, found: Assessment, setting: Setting, *, by_tick: bool) -> Risk:
    ground = level.ground_of(sub.risk or NOTHING_TOLD)
    leading = _leading(found.reasons, ground.leading)
    weight = level.Weight(found.score, found.urgent, leading, by_tick)
    return level.standing(ground, weight, setting.risk, setting.tick.day)


def _leading(reasons: Sequence[RiskReason], before: str) -> str:
    """Name the heaviest reason; between equals, the one that led before stays."""
    if not reasons:
        return ""
    heaviest = [reason.indicator for reason in reasons if reason.points == reasons[0].points]
    return before if before in heaviest else heaviest[0]


def _tell(
    sub: Subscriber, stands: Risk, setting: Setting, found: Assessment, origin: Origin
) -> tuple[ChurnRiskChanged, ...]:
    told = sub.risk or NOTHING_TOLD
    sub.risk = None if stands == NOTHING_TOLD else stands
    if (stands.level, stands.leading) == (told.level, told.leading):
        return ()
    return (_worded(sub, setting, told.level, found, origin),)


def leave(sub: Subscriber, tick: Tick, policies: PolicySet, origin: Origin) -> tuple[ChurnRiskChanged, ...]:
    """End the risk of who has left; what it stood on is known until the next tick, for who is back by then."""
    told, setting = sub.risk or NOTHING_TOLD, setting_of(tick, policies)
    before, ground = told.level, level.ground_of(told)
    end(sub)
    if ground != NOTHING_STOOD:
        sub.risk, sub.watch_day = Risk(ground=ground), tick.day + 1
    if not before:
        return ()
    left = RiskReason(GONE, 0, None, {"left_on": setting.calendar.local_date(sub.switches[-1][0]).isoformat()})
    return (_worded(sub, setting, before, Assessment(0, 0, (left,), (), NEVER), origin),)


def end(sub: Subscriber) -> None:
    """Forget the risk of a customer who has left."""
    sub.risk, sub.watch_day = None, NEVER


def _worded(sub: Subscriber, setting: Setting, before: int, found: Assessment, origin: Origin) -> ChurnRiskChanged:
    after = (sub.risk or NOTHING_TOLD).level
    suggested = offers.suggest(sub, setting, after)
    return ChurnRiskChanged(
        subscriber_id=origin.subscriber_id,
        occurred_at=origin.occurred_at,
        policy_version=setting.policy.version,
        branch_id=sub.branch_id,
        cause=origin.cause,
        from_level=LEVELS[before],
        to_level=LEVELS[after],
        score=found.score,
        reasons=found.reasons,
        protections=found.protections,
        tier=sub.tier,
        value_class=offers.value_class(sub),
        suggested_measures=suggested.measures,
        offers=suggested.offers,
        channels=suggested.channels,
    )
