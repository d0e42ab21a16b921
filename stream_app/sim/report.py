"""What a stream of events amounts to: heads by tier and service mix, beside the printed figures.

Rule: reads events as any consumer would (CONTRACTS.md sections 1 to 3) and
shares no figure with the simulation but the printed tables.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from stream_app.sim.calibration import (
    SERVICE_KINDS,
    SERVICE_MIX,
    TIER_HEADS,
    TIERS,
    ServiceKind,
    Tier,
    tier_of,
)
from stream_app.sim.moments import Event
from stream_app.sim.months import month_name, month_of

_WINDOW_MONTHS: Final = 3


@dataclass(frozen=True)
class CalibrationReport:
    """Achieved figures over the last three months billed.

    Heads and revenue count by tier (None: ordinary); the mix is in percent of
    the charged usage of the tier's customers.
    """

    window: tuple[str, ...]
    heads: Mapping[Tier | None, int]
    revenue_fen: Mapping[Tier | None, int]
    mix: Mapping[Tier | None, Mapping[ServiceKind, float]]

    def heads_percent(self) -> dict[Tier, float]:
        """Give each tier's percent of all customers that have a tier."""
        total = sum(self.heads.get(tier, 0) for tier in TIERS) or 1
        return {tier: 100 * self.heads.get(tier, 0) / total for tier in TIERS}

    def ordinary_percent(self) -> tuple[float, float]:
        """Give the ordinary customers' percent of heads and of revenue."""
        heads, revenue = sum(self.heads.values()) or 1, sum(self.revenue_fen.values()) or 1
        return 100 * self.heads.get(None, 0) / heads, 100 * self.revenue_fen.get(None, 0) / revenue

    def heads_off_by(self) -> float:
        """Give the largest distance to the printed heads, in points."""
        achieved = self.heads_percent()
        return max(abs(achieved[tier] - printed) for tier, printed in TIER_HEADS.items())

    def mix_off_by(self, tier: Tier) -> float:
        """Give the largest distance to a tier's printed service mix, in points."""
        achieved = self.mix.get(tier, {})
        return max(abs(achieved.get(kind, 0.0) - share) for kind, share in SERVICE_MIX[tier].items())


@dataclass
class _Sums:
    """What is kept of the events: a few numbers for each subscriber and month."""

    accrued: Counter[tuple[str, int]] = field(default_factory=Counter)
    bills: dict[tuple[str, int], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    adjusted: Counter[tuple[str, int]] = field(default_factory=Counter)
    charges: dict[tuple[str, int], Counter[ServiceKind]] = field(default_factory=lambda: defaultdict(Counter))

    def revenue(self, place: tuple[str, int]) -> int:
        """Give the revenue of a month: billed, else accrued, and adjusted."""
        bills = self.bills.get(place)
        return (sum(bills.values()) if bills else self.accrued[place]) + self.adjusted[place]


def calibration_report(events: Iterable[Event], zone: str = "Asia/Shanghai") -> CalibrationReport:
    """Work out the achieved heads by tier and service mix of a stream of events.

    Repeated events count once; their ids are all kept, so this is for test
    streams, not for a province. Raises ValueError where no month is billed.
    """
    sums = _summed(_distinct(events), ZoneInfo(zone))
    if not sums.bills:
        message = "no bill in the stream: nothing to report on"
        raise ValueError(message)
    last = max(month for _, month in sums.bills)
    window = range(last - _WINDOW_MONTHS + 1, last + 1)
    heads: Counter[Tier | None] = Counter()
    revenue_fen: Counter[Tier | None] = Counter()
    charges: dict[Tier | None, Counter[ServiceKind]] = defaultdict(Counter)
    for subscriber_id in {subscriber_id for subscriber_id, month in sums.bills if month in window}:
        places = [(subscriber_id, month) for month in window]
        total_fen = sum(sums.revenue(place) for place in places)
        tier = tier_of(total_fen / _WINDOW_MONTHS)
        heads[tier] += 1
        revenue_fen[tier] += total_fen
        for place in places:
            charges[tier].update(sums.charges.get(place, {}))
    mix = {tier: _percent(counted) for tier, counted in charges.items()}
    return CalibrationReport(tuple(map(month_name, window)), heads, revenue_fen, mix)


def _distinct(events: Iterable[Event]) -> Iterator[Event]:
    seen: set[tuple[str | int, ...]] = set()
    for event in events:
        name = (event["subscriber_id"], event["type"], event["event_id"])
        if name not in seen:
            seen.add(name)
            yield event


def _summed(events: Iterable[Event], zone: ZoneInfo) -> _Sums:
    sums = _Sums()
    for event in events:
        place = (str(event["subscriber_id"]), _month(event, zone))
        match event["type"]:
            case "usage.recorded":
                sums.accrued[place] += int(event["charge_fen"])
                _count_service(sums.charges[place], event)
            case "fee.charged":
                sums.accrued[place] += int(event["amount_fen"])
            case "bill.issued":
                sums.bills[place][str(event["bill_id"])] = int(event["amount_fen"])
            case "bill.adjusted":
                sums.adjusted[place] += int(event["amount_fen"])
            case _:
                pass
    return sums


def _month(event: Event, zone: ZoneInfo) -> int:
    named = event.get("billing_month")
    if named is not None:
        year, month = str(named).split("-")
        return int(year) * 12 + int(month) - 1
    return month_of(datetime.fromisoformat(str(event["occurred_at"])).astimezone(zone))


def _count_service(charges: Counter[ServiceKind], event: Event) -> None:
    """Count a charge under its column of the printed table; what has none is left out."""
    column = event["scope"] if event["service"] == "voice" else event["service"]
    for kind in SERVICE_KINDS:
        if kind == column:
            charges[kind] += int(event["charge_fen"])


def _percent(charges: Counter[ServiceKind]) -> dict[ServiceKind, float]:
    total = sum(charges.values()) or 1
    return {kind: 100 * charges[kind] / total for kind in SERVICE_KINDS}
