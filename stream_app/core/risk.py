"""The risk level of a customer: score, reasons, level with hysteresis, and when to look again (DOMAIN section 5).

A level rises at once. It falls only when the score is clearly below it and the level has stood for some days; after a
fall to none, paced reasons alone raise nothing for a while. Leaving the network ends it.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from stream_app.core import offers
from stream_app.core.facts import ChurnRiskChanged, Level, Origin, QuotedOffer, RiskReason
from stream_app.core.indicators import INDICATORS, PACED
from stream_app.core.months import BillingCalendar
from stream_app.core.pace import Reading, Setting
from stream_app.core.policy import PolicySet
from stream_app.core.risk_policy import RiskPolicy, Weighed
from stream_app.core.state import LEFT, LEVELS, NEVER, Risk, Subscriber, Tick
from stream_app.core.tiers import Move

MOST, LEAST = 100, 0
NOTHING_TOLD = Risk()
GONE = "left"


class Assessment(NamedTuple):
    """A score with the reasons that carry it and those that hold it down, the heaviest first."""

    score: int
    urgent: int  # the score without the points of paced reasons
    reasons: tuple[RiskReason, ...]
    protections: tuple[RiskReason, ...]
    look_day: int  # from which day the passing of days alone may change a reading
    eased_by_use: bool  # a reason may go with the next use


class RiskView(Struct, frozen=True, kw_only=True):
    """The risk of a customer as answers and `why` show it: the level told, and how it stands at the clock."""

    level: Level = "none"
    since_on: str | None = None
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
    found, suggested = assess(sub, setting), offers.suggest(sub, setting, told.level)
    return RiskView(
        level=LEVELS[told.level],
        since_on=date.fromordinal(told.since_day).isoformat() if told.level else None,
        score=found.score,
        reasons=found.reasons,
        protections=found.protections,
        suggested_measures=suggested.measures,
        offers=suggested.offers,
        channels=suggested.channels,
    )


def setting_of(tick: Tick, policies: PolicySet) -> Setting:
    """Lay out what the rules read at a tick."""
    return Setting(tick, policies.named(tick.version), policies.calendar)


def assess(sub: Subscriber, setting: Setting) -> Assessment:
    """Weigh every indicator of the policy; it changes nothing."""
    risk, day, reasons = setting.risk, setting.tick.day, list[RiskReason]()
    total, paced, look_day, eased_by_use = risk.base_points, 0, NEVER, False
    for weighed in risk.indicators:
        reading = INDICATORS[weighed.name](sub, setting)
        look_day = min(look_day, next_day(weighed, reading, day))
        points = weighed.points(reading.value)
        if points:
            total += points
            reasons.append(RiskReason(weighed.name, points, reading.value, reading.evidence))
        if points > 0 and weighed.name in PACED:
            paced += points
            eased_by_use |= reading.by_use
    reasons.sort(key=lambda reason: -abs(reason.points))  # stable: the policy's order decides between equals
    return Assessment(
        max(LEAST, min(MOST, total)),
        max(LEAST, min(MOST, total - paced)),
        tuple(reason for reason in reasons if reason.points > 0),
        tuple(reason for reason in reasons if reason.points < 0),
        look_day,
        eased_by_use,
    )


def next_day(weighed: Weighed, reading: Reading, day: int) -> int:
    """Give the next day on which the points may change though nothing happens; a lower bound."""
    if reading.value is None or not reading.drift:
        return reading.until_day
    if reading.drift > 0:
        ahead = [bound - reading.value for bound in weighed.bounds if bound > reading.value]
    else:
        ahead = [reading.value - bound + 1 for bound in weighed.bounds if bound <= reading.value]
    return min([reading.until_day, *(day + days for days in ahead)])


def note_move(sub: Subscriber, move: Move, day: int) -> None:
    """Remember a tier just lost, until one goes up again; who left has lost more than that."""
    if not move.up and not sub.standing & LEFT:
        sub.risk = sub.risk or Risk()
        sub.risk.lost_tier, sub.risk.lost_day = move.from_tier, day
    elif sub.risk is not None:
        sub.risk.lost_tier, sub.risk.lost_day = None, 0


def settle(sub: Subscriber, tick: Tick, policies: PolicySet, origin: Origin) -> tuple[ChurnRiskChanged, ...]:
    """Bring level and watch day up to date; give the change of level or of the leading reason, if there is one."""
    setting, told = setting_of(tick, policies), sub.risk or NOTHING_TOLD
    before = told.level
    if sub.standing & LEFT:
        return _leave(sub, setting, before, origin)
    found = assess(sub, setting)
    level = level_after(found, told, setting.risk, tick.day)
    leading = _leading(found.reasons, told.leading) if level else ""
    changed = level != before or bool(leading and leading != told.leading)
    if changed:
        _remember(sub, level, leading, tick.day)
    sub.watch_day = watch_day(found, sub.risk or NOTHING_TOLD, setting)
    return (_worded(sub, setting, before, found, origin),) if changed else ()


def level_after(found: Assessment, told: Risk, risk: RiskPolicy, day: int) -> int:
    """Find the level that a score leads to from the one told last."""
    reached = risk.level(found.score)
    if reached > told.level:
        return reached if told.level or not _cools_down(told, risk, day) else risk.level(found.urgent)
    kept = min(told.level, risk.level(found.score + risk.hysteresis_points))
    return kept if day >= told.since_day + risk.min_dwell_days else told.level


def watch_day(found: Assessment, told: Risk, setting: Setting) -> int:
    """Give the next local day on which a tick may change the level; a lower bound, after today."""
    risk, day = setting.risk, setting.tick.day
    days = [found.look_day, next_checkpoint(setting)]
    if told.level:
        if found.eased_by_use:
            days.append(day + 1)
        if risk.level(found.score + risk.hysteresis_points) < told.level:
            days.append(told.since_day + risk.min_dwell_days)
    elif _cools_down(told, risk, day):
        days.append(told.cleared_day + risk.cool_down_days)
    return max(day + 1, min(days))


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


def _cools_down(told: Risk, risk: RiskPolicy, day: int) -> bool:
    return bool(told.cleared_day) and day < told.cleared_day + risk.cool_down_days


def _leading(reasons: Sequence[RiskReason], before: str) -> str:
    """Name the heaviest reason; between equals, the one that led before stays."""
    if not reasons:
        return ""
    heaviest = [reason.indicator for reason in reasons if reason.points == reasons[0].points]
    return before if before in heaviest else heaviest[0]


def _remember(sub: Subscriber, level: int, leading: str, day: int) -> None:
    told = sub.risk = sub.risk or Risk()
    if level != told.level:
        told.since_day = day if level else 0
        told.cleared_day = 0 if level else day
    told.level, told.leading = level, leading


def _leave(sub: Subscriber, setting: Setting, before: int, origin: Origin) -> tuple[ChurnRiskChanged, ...]:
    sub.risk, sub.watch_day = None, NEVER
    if not before:
        return ()
    left = RiskReason(GONE, 0, None, {"left_on": setting.calendar.local_date(sub.switches[-1][0]).isoformat()})
    return (_worded(sub, setting, before, Assessment(0, 0, (left,), (), NEVER, eased_by_use=False), origin),)


def _worded(sub: Subscriber, setting: Setting, before: int, found: Assessment, origin: Origin) -> ChurnRiskChanged:
    level = (sub.risk or NOTHING_TOLD).level
    suggested = offers.suggest(sub, setting, level) if level else offers.NOTHING
    return ChurnRiskChanged(
        subscriber_id=origin.subscriber_id,
        occurred_at=origin.occurred_at,
        policy_version=setting.policy.version,
        branch_id=sub.branch_id,
        cause=origin.cause,
        from_level=LEVELS[before],
        to_level=LEVELS[level],
        score=found.score,
        reasons=found.reasons,
        protections=found.protections,
        tier=sub.tier,
        value_class=offers.value_class(sub),
        suggested_measures=suggested.measures,
        offers=suggested.offers,
        channels=suggested.channels,
    )
