"""The words that examples of the desk's rules are told in: one customer, noon in Shanghai, the policy by default."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from msgspec import structs

from stream_app.core.desk.heard import Enrolled, Ground, Known, Reason, RiskTold, Switched, TierMoved
from stream_app.core.desk.policy import DeskPolicy
from stream_app.core.policy import Policy, PolicySet, Tier

NOON = datetime(2025, 6, 10, 4, 0, tzinfo=UTC)
TIERS = tuple(Tier(f"C{place + 1}", floor_fen) for place, floor_fen in enumerate((300_000, 150_000, 80_000, 50_000)))
WHO = "somebody"
NOBODY = Known(value_class="ordinary")
_numbers = count()


def ground(now: datetime = NOON, **desk: Any) -> Ground:
    """Lay out a ground; `desk` are figures of the policy's section."""
    policy = Policy("v1", datetime(2000, 1, 1, tzinfo=UTC), TIERS, desk=structs.replace(DeskPolicy(), **desk))
    return Ground(PolicySet([policy]), policy, now)


def after(**elapsed: float) -> datetime:
    """Give an instant so many `hours`, `days`, ... after noon."""
    return NOON + timedelta(**elapsed)


def _common(at: datetime) -> dict[str, Any]:
    return {"fact_id": f"fact-{next(_numbers)}", "subscriber_id": WHO, "occurred_at": at}


def risk(level: int, *indicators: str, at: datetime = NOON, **own: Any) -> RiskTold:
    """Tell of a risk with its indicators, the heaviest first."""
    common = _common(at)
    names = indicators or (("silent_days",) if level else ())
    reasons = tuple(Reason("risk", common["fact_id"], at, {"indicator": name, "evidence": {}}) for name in names)
    told: dict[str, Any] = {"score": 30 * level, "reasons": reasons, "value_class": "ordinary"}
    return RiskTold(**common, level=level, **(told | own))


def down(before: str | None, to: str | None, why: str = "close", at: datetime = NOON) -> TierMoved:
    """Tell of a tier lost."""
    return TierMoved(**_common(at), from_tier=before, to_tier=to, direction="down", why=why)


def up(before: str | None, to: str | None, why: str = "live", at: datetime = NOON) -> TierMoved:
    """Tell of a tier won."""
    return TierMoved(**_common(at), from_tier=before, to_tier=to, direction="up", why=why)


def left(at: datetime = NOON) -> Switched:
    """Tell of a deactivation."""
    return Switched(**_common(at), is_on=False, why="moved")


def back(at: datetime = NOON) -> Switched:
    """Tell of an activation."""
    return Switched(**_common(at), is_on=True)


def enrolled(measure: str, at: datetime = NOON) -> Enrolled:
    """Tell of an enrolment."""
    return Enrolled(**_common(at), measure=measure)
