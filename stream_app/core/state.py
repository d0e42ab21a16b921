"""What is kept: a subscriber's months, bills and standing, and a partition's clock.

These are plain records; the functions that change them live in the modules named after the rule. They are laid out as
arrays so that `wire.stored` can write them compactly: append new fields at the end, with a default, and never move or
drop one. What is seldom asked for stands packed: it takes less room, and rows are read and written faster.

A worker holds many, and none can be part of a cycle: the garbage collector is told to leave them out (`gc=False`).
"""

from datetime import date, datetime
from functools import lru_cache

from msgspec import Struct, field

from stream_app.core.facts import Cause, Level, Origin

NEVER = 1 << 30  # a day, or a month's distance, that does not come
UNLIMITED_FEN = 1 << 60
DUE_FROM = date(1970, 1, 1).toordinal()  # the days that bills are due on count from here: they take three bytes then
TRAITS = (  # of a profile; their numbers are part of the stored state: add at the end only, never reorder
    "plan",
    "brand",
    "branch_id",
    "customer_class",
    "group_id",
    "group_class",
    "industry",
    "language",
    "joined_on",
)
_BRANCH = TRAITS.index("branch_id")
LEVELS: tuple[Level, ...] = ("none", "watch", "high", "critical")  # of churn risk
LEFT, IN_ARREARS, NO_CONTRACT = 1, 2, 4  # what suspends a tier; a subscriber's standing is their sum


class Use(Struct, array_like=True, gc=False):
    """A month's use of one service in one scope and direction."""

    quantity: int
    charge_fen: int
    records: int


class Month(Struct, array_like=True, gc=False):
    """A subscriber's billing month, open or closed."""

    accrued_fen: int = 0
    billed_fen: int | None = None  # None: no bill yet
    adjusted_fen: int = 0
    usage: dict[int, Use] | bytes = field(default_factory=dict)  # by the number of its kind in `usage`; closed: packed
    official: str | None = None  # the tier set at its close
    misses: int = 0  # closes in a row, up to and with this one, that were below the tier held
    revision: int = -1  # of its published row; -1: none published
    days: int = 0  # with any use, one bit each; bit 0 is the month's first local day
    outgoing_seconds: int = 0  # of voice, once the use by kinds is dropped; until then it says so itself
    volume_bytes: int = 0  # of data, likewise

    @property
    def revenue_fen(self) -> int:
        """Give the bill, else what accrued, with adjustments (CONTRACTS section 3)."""
        return (self.accrued_fen if self.billed_fen is None else self.billed_fen) + self.adjusted_fen


class Bill(Struct, array_like=True, gc=False):
    """A bill as it was issued last."""

    month: int
    amount_fen: int
    due_day: int | None = None  # from DUE_FROM


class Complaint(Struct, array_like=True, gc=False):
    """A complaint, whatever part of it arrived first; instants are seconds since 1970, 0 for none known."""

    filed_at: int = 0
    escalated: bool = False
    closed_at: int = 0


class Signs(Struct, array_like=True, gc=False):
    """What was seen of a customer that may tell of leaving; instants are seconds since 1970, the latest kept."""

    complaints: dict[bytes, Complaint] = field(default_factory=dict)  # by digest of complaint_id
    hotline_calls: list[int] = field(default_factory=list)  # and other contacts with a competitor
    forwardings: list[int] = field(default_factory=list)
    portouts: list[int] = field(default_factory=list)
    balance_fen: int = 0
    balance_at: int = 0  # 0: never reported


class Ground(Struct, array_like=True, gc=False):
    """How the risk level stood at the last tick; days are ordinals, 0 for never."""

    level: int = 0  # by number in LEVELS
    since_day: int = 0
    leading: str = ""  # the indicator that led; of level none, nothing
    cleared_day: int = 0  # when the level last fell to none
    relieved: bool = False  # something came since that takes the leading reason away


class Risk(Struct, array_like=True, gc=False):
    """The risk level told last; `ground` is what it stands on where an event has weighed it since the last tick."""

    level: int = 0
    since_day: int = 0
    leading: str = ""
    cleared_day: int = 0
    ground: Ground | None = None


class Seen(Struct, array_like=True, gc=False):
    """What the indicators read on a day: a MessagePack array in the order of `outcomes.STORED`."""

    day: int
    values: bytes


class Subscriber(Struct, array_like=True, gc=False):
    """All that is kept of one subscriber."""

    wake_day: int = NEVER  # the local day from which a tick may change something although no month opens or closes
    serial: int = 0  # the last boundary tick applied
    closed: int = -1  # the last closed month applied
    first_month: int = NEVER  # the month of the earliest accepted occurred_at
    tier: str | None = None
    standing: int = 0
    headroom_fen: int = 0  # revenue that may still come before any open window reaches a higher tier; a lower bound
    months: dict[int, Month] = field(default_factory=dict)
    past: dict[int, int] = field(default_factory=dict)  # older months, of which only `windows.settled` is left
    usage_ids: bytes = b""  # digests of `admission`, 6 bytes each, oldest first
    ids: dict[int, bytes] = field(default_factory=dict)  # of all other types: the month they touch -> their digests
    bills: dict[bytes, Bill] = field(default_factory=dict)  # of months that can still change, by digest of bill_id
    bill_months: bytes = b""  # older bills belong to their months for good: a digest and 3 bytes for the month of each
    due: dict[int, int] = field(default_factory=dict)  # older bills by the day they were due, from DUE_FROM -> fen
    overdue_fen: int = 0  # still older ones, overdue under any policy
    credit_fen: int = 0  # payments and negative adjustments over the whole history
    switches: list[tuple[datetime, bool]] = field(default_factory=list)  # (at, on the network), sorted: on comes last
    contracts: dict[str, int] = field(default_factory=dict)  # signed last -> the day it ends on, NEVER for none
    traits: dict[int, str] = field(default_factory=dict)  # the profile, by number in TRAITS
    profile_at: datetime | None = None  # of the newest profile applied
    measures: dict[str, int] = field(default_factory=dict)  # enrolled last -> the last day it holds, NEVER for no end
    watch_day: int = 0  # the local day from which a tick may change the risk level: part of wake_day
    used_day: int = 0  # the last day of use in months that are no longer kept whole
    topped_up_at: int = 0  # of the latest payment, seconds since 1970
    signs: Signs | None = None
    risk: Risk | None = None
    activated_at: int = 0  # of the first activation by when it happened, seconds since 1970; 0 for none
    value: str | None = None  # the value class of the last close; None for none
    seen: list[Seen] | None = None  # the oldest first

    @property
    def branch_id(self) -> str | None:
        """Give the branch that looks after the customer, if it is known."""
        return self.traits.get(_BRANCH)


class Tick(Struct, array_like=True, frozen=True):
    """A tick that crossed a boundary (day, month, close, policy), with how things stand from it on."""

    serial: int
    at: datetime
    closed: int  # the last closed month
    opened: int  # the month of `at`
    final: int  # the last month that can no longer be corrected
    day: int
    version: str
    turns: bool  # a month opened or closed, or the policy changed: it concerns every row
    policy_changed: bool
    cause: tuple[str, int, int]  # topic, partition, offset

    def origin(self, subscriber_id: str) -> Origin:
        """Name this tick as the cause of a fact about a subscriber."""
        return Origin(subscriber_id, _cause(*self.cause), self.at)


@lru_cache(maxsize=16)
def _cause(topic: str, partition: int, offset: int) -> Cause:
    return Cause(topic, partition, offset)


class Clock(Struct, array_like=True):
    """A partition's clock: moved by ticks alone, part of the state (CONTRACTS section 2)."""

    at: datetime | None = None
    tick: Tick | None = None  # the last one that crossed a boundary
    pending: list[Tick] = field(default_factory=list)  # boundary ticks that some rows have not seen yet
    closings: list[tuple[int, str]] = field(default_factory=list)  # (first month, version that closed it and on)
    heads: dict[str, int] = field(default_factory=dict)  # subscribers by tier; "" is none
    policies: int = 0  # the next offset of the topic `policies` that the ticks so far knew of
    levels: dict[int, int] = field(default_factory=dict)  # subscribers by risk level, none left out

    def closed_under(self, month: int) -> str:
        """Name the policy version in force at the original close of a month."""
        found = self.closings[0][1]
        for first, version in self.closings:
            if first <= month:
                found = version
        return found
