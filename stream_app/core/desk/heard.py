"""What the desk hears of customers, what it knows of them, and the policy it goes by, as the rules take them.

Rule: nothing here decides; `calling` says what calls for action, `course` what becomes of a case.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from stream_app.core.desk.policy import DeskPolicy
from stream_app.core.policy import Policy, PolicySet

ReasonKind = Literal["risk", "tier_lost", "left"]
GONE = "left"  # the reason of a risk that ends because the customer left


class Reason(Struct, frozen=True):
    """One thing that calls for action; `says` is what the fact says of it, and for a risk names its indicator."""

    kind: ReasonKind
    fact_id: str
    occurred_at: datetime
    says: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name the indicator, or the kind where there is none."""
        return str(self.says.get("indicator", self.kind))

    def is_same(self, other: "Reason") -> bool:
        """Tell whether it is the same thing, told again: the same evidence, whatever the days made of it."""
        return self.name == other.name and self.says.get("evidence") == other.says.get("evidence")


class Heard(Struct, frozen=True, kw_only=True):
    """A fact or event about one customer."""

    fact_id: str
    subscriber_id: str
    occurred_at: datetime
    branch_id: str | None = None


class RiskTold(Heard, frozen=True, kw_only=True):
    """A risk level as it stands now (churn_risk.changed); the reasons come the heaviest first."""

    level: int
    score: int
    reasons: tuple[Reason, ...] = ()
    tier: str | None = None
    value_class: str = "none"
    measures: tuple[str, ...] = ()
    offers: tuple[Mapping[str, Any], ...] = ()

    @property
    def has_left(self) -> bool:
        """Tell whether the risk ended because the customer did leave."""
        return any(reason.name == GONE for reason in self.reasons)


class TierMoved(Heard, frozen=True, kw_only=True):
    """A tier that moved (tier.changed)."""

    from_tier: str | None
    to_tier: str | None
    direction: str
    why: str


class Switched(Heard, frozen=True, kw_only=True):
    """An activation or a deactivation."""

    is_on: bool
    why: str = ""


class Enrolled(Heard, frozen=True, kw_only=True):
    """A measure that the billing system enrolled the customer in."""

    measure: str


class Known(NamedTuple):
    """What is known of a customer when something is heard."""

    important: bool = False
    tier: str | None = None
    value_class: str = "none"
    branch_id: str | None = None
    arpu_fen: int = 0
    risk_level: int = 0
    risk_score: int = 0
    left_at: datetime | None = None  # None: on the network
    measures: Sequence[str] = ()  # held now


class Ground(NamedTuple):
    """What the rules stand on: the policy in force at the desk, among all versions, and the time."""

    policies: PolicySet
    policy: Policy
    now: datetime

    @property
    def desk(self) -> DeskPolicy:
        """Give the policy's section on the desk."""
        return self.policy.desk

    def rank(self, tier: str | None) -> int:
        """Rank a tier; 0 is none."""
        return self.policies.rank(self.policy, tier)

    def higher(self, one: str | None, other: str | None) -> str | None:
        """Give the higher of two tiers."""
        return one if self.rank(one) >= self.rank(other) else other


def ground(policies: PolicySet, now: datetime) -> Ground:
    """Lay out what the rules stand on at an instant."""
    return Ground(policies, policies.in_force(now), now)
