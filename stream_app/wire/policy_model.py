"""The shape of a policy file: sections, keys, bounds and defaults; unknown keys are refused.

Defaults are those of `core.policy`, the figures of DOMAIN.md.
"""

from datetime import datetime
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import Field, PlainValidator, StringConstraints, model_validator

from stream_app.core import policy as core
from stream_app.wire.fields import MOST
from stream_app.wire.instants import read_instant
from stream_app.wire.invalid import refusal
from stream_app.wire.policy_desk import DeskModel
from stream_app.wire.policy_outcomes import OutcomesModel
from stream_app.wire.policy_risk import Catalogue, Class, RetentionRowModel, RiskModel, catalogue, matrix
from stream_app.wire.policy_section import Label, Section
from stream_app.wire.policy_value import MeasuresModel, PlansModel, ValueClassesModel


def _zone(value: object) -> str:
    if isinstance(value, str) and value in available_timezones():
        return value
    message = "write a zone of the IANA database, such as Asia/Shanghai"
    raise refusal(message)


def _effective(value: object) -> datetime:
    text = value.isoformat() if isinstance(value, datetime) else value  # YAML has timestamps of its own
    at = read_instant(text) if isinstance(text, str) else None
    if at is None:
        message = "write RFC 3339 with an offset, such as 2025-01-01T00:00:00+08:00"
        raise refusal(message)
    return at


Zone = Annotated[str, PlainValidator(_zone)]
Effective = Annotated[datetime, PlainValidator(_effective)]


class TierModel(Section):
    """A value tier; `floor_fen` is the least three-month ARPU, inclusive."""

    code: Label
    floor_fen: Annotated[int, Field(ge=0, le=MOST)]
    card: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class BillingModel(Section):
    """How months run and close."""

    zone: Zone = core.Billing().zone
    anchor_day: Annotated[int, Field(ge=1, le=28)] = core.Billing().anchor_day
    grace_hours: Annotated[int, Field(ge=0, le=600)] = core.Billing().grace_hours
    correctable_months: Annotated[int, Field(ge=1, le=24)] = core.Billing().correctable_months


class TierPolicyModel(Section):
    """What it takes to keep or hold a tier."""

    closes_to_downgrade: Annotated[int, Field(ge=1, le=24)] = core.TierPolicy().closes_to_downgrade
    contract_required: bool = core.TierPolicy().contract_required
    arrears_grace_days: Annotated[int, Field(ge=0, le=366)] = core.TierPolicy().arrears_grace_days


class DedupModel(Section):
    """How many of a subscriber's last usage ids are remembered."""

    usage_recent: Annotated[int, Field(ge=1, le=1024)] = core.Dedup().usage_recent


class RetentionModel(Section):
    """When a customer who left is forgotten."""

    forget_after_months: Annotated[int, Field(ge=1, le=240)] = core.Retention().forget_after_months


class PolicyModel(Section):
    """A policy file."""

    version: Label
    effective_at: Effective
    tiers: Annotated[list[TierModel], Field(min_length=1, max_length=32)]
    billing: BillingModel = BillingModel()
    tier_policy: TierPolicyModel = TierPolicyModel()
    dedup: DedupModel = DedupModel()
    retention: RetentionModel = RetentionModel()
    value_classes: ValueClassesModel = ValueClassesModel()
    measures: MeasuresModel = MeasuresModel()
    plans: PlansModel = PlansModel()
    risk: RiskModel = RiskModel()
    retention_matrix: dict[Class, RetentionRowModel] | None = None
    offers: Catalogue | None = None
    outcomes: OutcomesModel = OutcomesModel()
    desk: DeskModel = DeskModel()

    @model_validator(mode="after")
    def _tiers_descend(self) -> Self:
        for higher, lower in zip(self.tiers, self.tiers[1:], strict=False):
            if lower.floor_fen >= higher.floor_fen:
                first, then = f"{higher.code} ({higher.floor_fen})", f"{lower.code} ({lower.floor_fen})"
                message = f"tiers: {then} comes after {first}: list the highest floor_fen first, each once"
                raise refusal(message)
        return self

    @model_validator(mode="after")
    def _codes_differ(self) -> Self:
        codes = [tier.code for tier in self.tiers]
        twice = [code for place, code in enumerate(codes) if code in codes[:place]]
        if twice:
            message = f"tiers: code {twice[0]} is there twice: give each tier its own"
            raise refusal(message)
        return self

    def policy(self) -> core.Policy:
        """Give the policy as the rules take it."""
        return core.Policy(
            version=self.version,
            effective_at=self.effective_at,
            tiers=tuple(core.Tier(tier.code, tier.floor_fen, tier.card) for tier in self.tiers),
            billing=core.Billing(**dict(self.billing)),
            tier_policy=core.TierPolicy(**dict(self.tier_policy)),
            dedup=core.Dedup(**dict(self.dedup)),
            retention=core.Retention(**dict(self.retention)),
            value_classes=self.value_classes.section(),
            measures=self.measures.section(),
            plans=self.plans.section(),
            risk=self.risk.section(),
            retention_matrix=matrix(self.retention_matrix),
            offers=catalogue(self.offers),
            outcomes=core.Outcomes(**dict(self.outcomes)),
            desk=self.desk.section(),
        )
