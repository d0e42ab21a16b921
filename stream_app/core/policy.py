"""The policy: every threshold the rules use, versioned. Reading and validating YAML is `wire.policy_file`'s work."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from stream_app.core.desk.policy import DeskPolicy
from stream_app.core.months import BillingCalendar, calendar_for
from stream_app.core.risk_policy import OFFERS, RETENTION_MATRIX, Offer, RetentionRow, RiskPolicy


class Tier(Struct, frozen=True):
    """A value tier; a three-month sum of at least ``3 * floor_fen`` qualifies."""

    code: str
    floor_fen: int
    card: str | None = None


class Billing(Struct, frozen=True):
    """How months run and close; zone and anchor day never change between versions."""

    zone: str = "Asia/Shanghai"
    anchor_day: int = 1
    grace_hours: int = 48
    correctable_months: int = 3


class TierPolicy(Struct, frozen=True):
    """What it takes to keep or hold a tier."""

    closes_to_downgrade: int = 1
    contract_required: bool = False
    arrears_grace_days: int = 30


class Dedup(Struct, frozen=True):
    """How many of a subscriber's last usage ids are remembered."""

    usage_recent: int = 16


class Retention(Struct, frozen=True):
    """When a customer who left, with no arrears, is forgotten: this many closed months after the last kept one."""

    forget_after_months: int = 24


class ValueClasses(Struct, frozen=True):
    """What the value classes rest on (CONTRACTS section 4); a `floor_fen` is of a month's mean, inclusive."""

    window_months: int = 6  # N
    dynamic_months: int = 3  # M, in a row
    dynamic_over_fen: int = 12000  # X: each of these months is above it
    quasi_floor_fen: int = 8000  # X low
    important_floor_fen: int = 50000
    important_group_classes: tuple[str, ...] = ("A",)
    low_below_fen: int = 5000  # X2
    low_months: int = 2  # K
    unpaid_months: int = 1  # L
    assessed_outgoing_seconds: int = 60  # Y


class TenureBand(Struct, frozen=True):
    """Customers of at least so many full months on the network, up to the next band."""

    name: str
    from_months: int


class MeasurePolicy(Struct, frozen=True):
    """Which measures stabilise and which services stick, and how tenure is banded (DOMAIN section 4)."""

    stabilising: tuple[str, ...] = ("premium_brand", "group_member", "family_plan", "deposit_gift", "handset_contract")
    sticky_services: tuple[str, ...] = ("mailbox", "messaging", "bank_collection", "direct_debit")
    cross_stabilised_from: int = 2
    tenure_bands: tuple[TenureBand, ...] = (TenureBand("short", 0), TenureBand("medium", 12), TenureBand("long", 36))


class Plan(Struct, frozen=True):
    """A tariff plan: what it costs a month and the outgoing minutes in it."""

    name: str
    price_fen: int
    minutes: int


class Plans(Struct, frozen=True):
    """The plans known, and from what tenure on a move to a better fitting one is offered (DOMAIN section 4)."""

    known: tuple[Plan, ...] = ()
    move_over_months: int = 6  # N


class Outcomes(Struct, frozen=True):
    """Of whom the months before leaving are kept, and who of those who stay is held beside them; shares of 1000."""

    tracked_permille: int = 1000
    stayed_permille: int = 20  # a month: about as many as leave


class Policy(Struct, frozen=True):
    """One version of the policy (CONTRACTS section 6)."""

    version: str
    effective_at: datetime
    tiers: tuple[Tier, ...]  # highest first
    billing: Billing = Billing()
    tier_policy: TierPolicy = TierPolicy()
    dedup: Dedup = Dedup()
    retention: Retention = Retention()
    value_classes: ValueClasses = ValueClasses()
    measures: MeasurePolicy = MeasurePolicy()
    plans: Plans = Plans()
    risk: RiskPolicy = RiskPolicy()
    retention_matrix: tuple[RetentionRow, ...] = RETENTION_MATRIX
    offers: tuple[Offer, ...] = OFFERS
    outcomes: Outcomes = Outcomes()
    desk: DeskPolicy = DeskPolicy()

    def qualify(self, window_fen: int) -> int:
        """Rank the highest tier that a three-month sum reaches; 0 is none, the highest tier is ``len(tiers)``."""
        for place, tier in enumerate(self.tiers):
            if window_fen >= 3 * tier.floor_fen:
                return len(self.tiers) - place
        return 0

    def code(self, rank: int) -> str | None:
        """Name the tier of a rank; None for rank 0."""
        return self.tiers[len(self.tiers) - rank].code if rank else None

    def floor_above_fen(self, rank: int) -> int | None:
        """Give the floor of the next tier up, or None at the top."""
        return self.tiers[len(self.tiers) - rank - 1].floor_fen if rank < len(self.tiers) else None


class PolicySet:
    """All versions known, in the order they come into force; the first also covers all before it."""

    def __init__(self, versions: Sequence[Policy]) -> None:
        self._offsets: dict[str, int] = {}  # on the topic `policies`; a version that was given by file has none
        self._lay_out(versions)
        self._check()
        billing = self.versions[0].billing
        self.calendar: BillingCalendar = calendar_for(billing.zone, billing.anchor_day)

    def add(self, policy: Policy, offset: int) -> None:
        """Take in a version published at an offset; raises ValueError, and takes nothing in, where it does not fit."""
        if policy.effective_at <= self.versions[0].effective_at:
            message = f"effective_at must be later than that of the first version, {self.versions[0].version}"
            raise ValueError(message)
        PolicySet([*self.versions, policy])
        self._offsets[policy.version] = offset
        self._lay_out([*self.versions, policy])

    def known_before(self, offset: int) -> "PolicySet":
        """Give the versions that a tick knows whose maker saw the topic `policies` up to an offset."""
        known = [policy for policy in self.versions if self._offsets.get(policy.version, -1) < offset]
        return self if len(known) == len(self.versions) else PolicySet(known or self._oldest())

    def _oldest(self) -> list[Policy]:
        return [min(self.versions, key=lambda policy: self._offsets[policy.version])]

    def _lay_out(self, versions: Sequence[Policy]) -> None:
        self.versions = sorted(versions, key=lambda policy: policy.effective_at)
        self._by_name = {policy.version: policy for policy in self.versions}
        self._floors = {tier.code: tier.floor_fen for policy in reversed(self.versions) for tier in policy.tiers}
        self._ranks = {
            policy.version: {policy.code(rank): rank for rank in range(len(policy.tiers) + 1)}
            for policy in self.versions
        }

    def in_force(self, at: datetime) -> Policy:
        """Give the version in force for a tick at this instant."""
        found = self.versions[0]
        for policy in self.versions:
            if policy.effective_at <= at:
                found = policy
        return found

    def named(self, version: str) -> Policy:
        """Give a version by its name; raises LookupError when it is not known."""
        try:
            return self._by_name[version]
        except KeyError:
            message = (
                f"policy version {version!r} decided earlier but is not among those given: {', '.join(self._by_name)}"
            )
            raise LookupError(message) from None

    def rank(self, policy: Policy, code: str | None) -> int:
        """Rank a tier code under a policy; a code only another version has ranks by its floor."""
        known = self._ranks[policy.version].get(code)
        if known is not None:
            return known
        floor_fen = self._floors.get(code or "")
        return policy.qualify(3 * floor_fen) if floor_fen is not None else 0

    def _check(self) -> None:
        if not self.versions:
            message = "at least one policy is needed"
            raise ValueError(message)
        if len(self._by_name) != len(self.versions):
            message = "two policies have the same version: give each its own"
            raise ValueError(message)
        if len({policy.effective_at for policy in self.versions}) != len(self.versions):
            message = "two policies have the same effective_at: give each its own"
            raise ValueError(message)
        if len({(policy.billing.zone, policy.billing.anchor_day) for policy in self.versions}) != 1:
            message = "billing.zone and billing.anchor_day must be the same in every policy version"
            raise ValueError(message)


def grace(policy: Policy) -> timedelta:
    """Give the elapsed time after a month's end before it closes."""
    return timedelta(hours=policy.billing.grace_hours)
