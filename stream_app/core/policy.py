"""The policy: every threshold the rules use, versioned. Reading and validating YAML is `wire.policy_file`'s work."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from stream_app.core.months import BillingCalendar, calendar_for


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


class Policy(Struct, frozen=True):
    """One version of the policy (CONTRACTS section 6)."""

    version: str
    effective_at: datetime
    tiers: tuple[Tier, ...]  # highest first
    billing: Billing = Billing()
    tier_policy: TierPolicy = TierPolicy()
    dedup: Dedup = Dedup()
    retention: Retention = Retention()

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
        self.versions = sorted(versions, key=lambda policy: policy.effective_at)
        self._by_name = {policy.version: policy for policy in self.versions}
        self._check()
        billing = self.versions[0].billing
        self.calendar: BillingCalendar = calendar_for(billing.zone, billing.anchor_day)
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
