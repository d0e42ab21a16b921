"""What the early warning weighs: points of each indicator, levels, horizons (DOMAIN section 5); all of it is policy.

The points of a scorecard that was fitted to an operator's own history stand in the same form.
"""

from msgspec import Struct


class Bin(Struct, frozen=True):
    """The points of the values in [start, end); None: no bound. Points below 0 protect."""

    points: int
    start: int | None = None
    end: int | None = None


class Weighed(Struct, frozen=True):
    """An indicator's points: those of the first bin its value lies in, 0 for a value in none, `missing` for a gap."""

    name: str
    bins: tuple[Bin, ...] = ()
    missing: int = 0

    def points(self, value: int | None) -> int:
        """Give the points of a value; None is a gap."""
        if value is None:
            return self.missing
        for each in self.bins:
            if (each.start is None or each.start <= value) and (each.end is None or value < each.end):
                return each.points
        return 0

    @property
    def bounds(self) -> tuple[int, ...]:
        """Give every bound at which the points may change, in order."""
        return tuple(sorted({bound for each in self.bins for bound in (each.start, each.end) if bound is not None}))


def steps(name: str, *points: int | tuple[int, int], missing: int = 0) -> Weighed:
    """Lay bins out from (bound, points) pairs, each up to the next bound; a first plain number is what lies below."""
    below = points[0] if points and isinstance(points[0], int) else 0
    pairs = [pair for pair in points if isinstance(pair, tuple)]
    ends = [bound for bound, _ in pairs[1:]]
    bins = [Bin(worth, bound, end) for (bound, worth), end in zip(pairs, [*ends, None], strict=True)]
    lowest = [Bin(below, None, pairs[0][0])] if below and pairs else []
    return Weighed(name, tuple(each for each in (*lowest, *bins) if each.points), missing)


DEFAULT_INDICATORS = (
    # Pace: percent of what the last three months make one expect by now.
    steps("spend_pace_percent", 20, (40, 12), (60, 4), (80, 0)),
    steps("minutes_pace_percent", 12, (40, 7), (60, 0)),
    steps("data_pace_percent", 6, (40, 3), (60, 0)),
    steps("active_days_percent", 12, (40, 6), (60, 0)),
    steps("silent_days", (7, 10), (14, 25), (30, 40)),
    steps("low_spend_months", (1, 5), (2, 15)),
    steps("arrears_months", (1, 10), (2, 20)),
    steps("arrears_fen", (1, 10), (5_000, 20)),
    steps("balance_fen", 15, (0, 8), (1_000, 0)),
    steps("complaints", (1, 10), (2, 20)),
    steps("complaints_escalated", (1, 30)),
    steps("hotline_calls", (1, 10), (3, 20)),
    steps("call_forwarding", (1, 20)),
    steps("portout", (0, 75), (30, 40), (60, 0)),  # days since the request: a port-out code is good for some weeks
    steps("contract_days_left", (0, 10), (31, 5), (61, 0)),
    steps("tenure_months", (0, 8), (6, 0), (36, -5)),
    steps("measures_held", (0, 5), (1, -5), (2, -12)),  # each one held protects, two or three are the aim [003]
    steps("sticky_services", (1, -2), (2, -5)),
    steps("tier_lost_days", (0, 12), (31, 6), (91, 0)),
    # Recency, frequency, monetary value [001]: light, as they say again in part what stands above.
    steps("recency_days", (7, 3), (14, 5)),
    steps("frequency_percent", 5, (20, 0), (80, -3)),
    steps("monetary_fen", 2, (2_000, 0), (50_000, -2)),
)


class RiskPolicy(Struct, frozen=True):
    """The early warning: indicators and their points, levels, and how long things count."""

    indicators: tuple[Weighed, ...] = DEFAULT_INDICATORS
    base_points: int = 0
    watch_from: int = 30
    high_from: int = 50
    critical_from: int = 75
    hysteresis_points: int = 10  # a level falls only when the score is this much below where it begins
    min_dwell_days: int = 8  # and has stood this long: up and down within seven days is what nobody trusts
    cool_down_days: int = 14  # after a fall to none paced reasons alone raise nothing
    pace_from_day: int = 10  # of the month; before it, the month just ended is judged
    checkpoint_days: tuple[int, ...] = (3, 9, 15, 21, 27)  # of the month: when paced indicators are worked
    weekday_weight: int = 100
    weekend_weight: int = 80  # offices are closed: calls are fewer
    holidays: tuple[int, ...] = ()  # day ordinals that weigh as a weekend does
    pace_floor_fen: int = 1_000  # less a month in the baseline is no baseline
    pace_floor_seconds: int = 600
    pace_floor_bytes: int = 10_000_000
    pace_floor_days: int = 5
    low_spend_fen: int = 5_000
    low_spend_over_fen: int = 12_000  # only who had a month above it can fall low
    low_spend_window_months: int = 6
    complaint_days: int = 60  # a settled complaint counts so long from its filing
    open_complaint_days: int = 180  # one never settled, so long
    competitor_days: int = 90
    balance_from_days: int = 3  # a low balance counts once no money came in for so long
    balance_days: int = 45  # an older one says nothing

    def level(self, score: int) -> int:
        """Give the number of the level that a score reaches: 0 none, 1 watch, 2 high, 3 critical."""
        return (score >= self.watch_from) + (score >= self.high_from) + (score >= self.critical_from)


class RetentionRow(Struct, frozen=True):
    """A row of the retention matrix: what fits the customers of one value class (DOMAIN section 4)."""

    value_class: str
    product: tuple[str, ...] = ()
    promotion: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    new_service: tuple[str, ...] = ()
    service: tuple[str, ...] = ()

    @property
    def measures(self) -> tuple[str, ...]:
        """Give all that can be offered, the first first; channels are ways to offer it."""
        return self.product + self.promotion + self.new_service + self.service


RETENTION_MATRIX = (
    RetentionRow(
        "important",
        product=("group_member", "business_travel_plan", "family_plan"),
        promotion=("handset_contract", "deposit_gift", "premium_brand", "points_reward"),
        channel=("account_manager", "phone_manager", "counter", "e_channels"),
        service=("group_payment", "personal_service"),
    ),
    RetentionRow(
        "ordinary",
        product=("family_plan", "group_member", "business_travel_plan"),
        promotion=("deposit_gift", "handset_contract", "premium_brand", "points_reward"),
        channel=("phone_manager", "counter", "e_channels"),
        service=("basic_service", "partner_merchants"),
    ),
    RetentionRow(
        "irregular",
        product=("guaranteed_minimum_plan", "family_plan", "business_travel_plan"),
        promotion=("deposit_gift", "premium_brand", "points_reward"),
        channel=("phone_manager", "counter", "e_channels"),
        service=("balance_watch",),
    ),
    RetentionRow(
        "churn_inclined",
        product=("guaranteed_minimum_plan", "business_travel_plan"),
        promotion=("guaranteed_minimum_deposit", "low_end_handset", "premium_brand", "points_reward"),
        channel=("phone_manager",),
        new_service=("mailbox", "messaging"),
        service=("balance_warning", "experience_analysis"),
    ),
)


class Offer(Struct, frozen=True):
    """An offer that a phone manager can quote; empty classes or tenure bands mean all."""

    name: str
    measure: str
    value_classes: tuple[str, ...] = ()
    tenure_bands: tuple[str, ...] = ()
    deposit_fen: int = 0
    gift_fen: int = 0
    months: int = 0
    subsidy_fen: int = 0
    min_arpu_fen: int = 0
    without_arrears: bool = False
    min_level: int = 0  # of risk: who is about to leave gets what others do not
    budget_heads: int | None = None


ABOUT_TO_LEAVE = 2  # the level high
WORTHY = ("important", "ordinary")
OFFERS = (
    Offer("deposit_long", "deposit_gift", WORTHY, ("long",), 120_000, 60_000, 24, without_arrears=True),
    Offer("deposit_medium", "deposit_gift", WORTHY, ("medium",), 60_000, 24_000, 12, without_arrears=True),
    Offer("deposit_short", "deposit_gift", (), ("short",), 30_000, 9_000, 12, without_arrears=True),
    Offer("deposit_irregular", "deposit_gift", ("irregular",), ("medium", "long"), 36_000, 12_000, 12),
    Offer("deposit_minimum", "guaranteed_minimum_deposit", ("churn_inclined",), (), 10_000, 10_000, 12),
    Offer("handset_long", "handset_contract", WORTHY, ("long",), months=24, subsidy_fen=200_000, min_arpu_fen=12_000),
    Offer("handset_medium", "handset_contract", WORTHY, ("medium",), months=24, subsidy_fen=120_000),
    Offer("handset_short", "handset_contract", WORTHY, ("short",), months=24, subsidy_fen=60_000),
    Offer("handset_low_price", "low_end_handset", ("churn_inclined",), months=12, subsidy_fen=80_000),
    Offer("handset_to_stay", "handset_contract", WORTHY, months=12, subsidy_fen=100_000, min_level=ABOUT_TO_LEAVE),
    Offer("family_share", "family_plan", gift_fen=3_000, months=12),
    Offer("travel_minutes", "business_travel_plan", gift_fen=5_000, months=6),
)
