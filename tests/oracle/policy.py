"""Policies as the YAML says them, with the defaults of CONTRACTS section 6 and DOMAIN section 3."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.months import Calendar

HANDBOOK_TIERS = (("C1", 300_000), ("C2", 150_000), ("C3", 80_000), ("C4", 50_000), ("C5", 30_000), ("C6", 20_000))

HANDBOOK_CLASSES: Mapping[str, Any] = {
    "window_months": 6,
    "dynamic_months": 3,
    "dynamic_over_fen": 12_000,
    "quasi_floor_fen": 8_000,
    "important_floor_fen": 50_000,
    "important_group_classes": ["A"],
    "low_below_fen": 5_000,
    "low_months": 2,
    "unpaid_months": 1,
    "assessed_outgoing_seconds": 60,
}


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy; `tiers` are (code, floor_fen), highest first."""

    version: str
    effective_at: datetime
    calendar: Calendar
    grace_hours: int
    correctable_months: int
    tiers: tuple[tuple[str, int], ...]
    closes_to_downgrade: int
    contract_required: bool
    arrears_grace_days: int
    usage_recent: int
    value_classes: Mapping[str, Any]
    risk: Mapping[str, Any]

    def qualifies(self, sum_fen: int) -> str | None:
        """Give the highest tier with `sum >= 3 * floor_fen`."""
        return next((code for code, floor_fen in self.tiers if sum_fen >= 3 * floor_fen), None)

    def rank(self, code: str | None) -> int:
        """Rank a tier, higher is better; none, and a code this version does not know, rank 0."""
        codes = [known for known, _ in reversed(self.tiers)]
        return codes.index(code) + 1 if code in codes else 0

    def higher(self, one: str | None, other: str | None) -> str | None:
        """Give the higher of two tiers by this version's list; none where it knows neither."""
        best = max(one, other, key=self.rank)
        return best if self.rank(best) else None


def parse(document: Mapping[str, Any]) -> Policy:
    """Read one parsed YAML document."""
    billing = document.get("billing", {})
    tier_policy = document.get("tier_policy", {})
    tiers = tuple((tier["code"], tier["floor_fen"]) for tier in document.get("tiers", ()))
    return Policy(
        version=str(document["version"]),
        effective_at=_instant(document["effective_at"]),
        calendar=Calendar(ZoneInfo(billing.get("zone", "Asia/Shanghai")), billing.get("anchor_day", 1)),
        grace_hours=billing.get("grace_hours", 48),
        correctable_months=billing.get("correctable_months", 3),
        tiers=tiers or HANDBOOK_TIERS,
        closes_to_downgrade=tier_policy.get("closes_to_downgrade", 1),
        contract_required=tier_policy.get("contract_required", False),
        arrears_grace_days=tier_policy.get("arrears_grace_days", 30),
        usage_recent=document.get("dedup", {}).get("usage_recent", 16),
        value_classes={**HANDBOOK_CLASSES, **document.get("value_classes", {})},
        risk=document.get("risk", {}),
    )


def parse_all(documents: Sequence[Mapping[str, Any]]) -> tuple[Policy, ...]:
    """Read every version, earliest first."""
    return tuple(sorted(map(parse, documents), key=lambda policy: policy.effective_at))


def in_force(policies: Sequence[Policy], at: datetime | None) -> Policy:
    """Give the version in force at a tick; the first version also covers all before it."""
    reached = [policy for policy in policies if at is not None and policy.effective_at <= at]
    return reached[-1] if reached else policies[0]


def _instant(value: datetime | str) -> datetime:
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return parsed.astimezone(UTC)
