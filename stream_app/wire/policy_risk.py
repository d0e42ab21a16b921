"""The policy's sections on risk: indicators and levels, the retention matrix, the offer catalogue.

An indicator's bins are those of a fitted scorecard: what a fit notes beside the points is read past.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from math import inf
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from stream_app.core import risk_policy as core
from stream_app.core.indicators import INDICATORS
from stream_app.core.state import LEVELS
from stream_app.wire.fields import MOST, Name
from stream_app.wire.invalid import refusal
from stream_app.wire.policy_section import Label, Section

RISK = core.RiskPolicy()
Points = Annotated[int, Field(ge=-1000, le=1000)]
Fen = Annotated[int, Field(ge=0, le=MOST)]
Days = Annotated[int, Field(ge=1, le=366)]
AS_TUPLE = AfterValidator(tuple)
MonthDay = Annotated[int, Field(ge=1, le=28)]
Day = Annotated[date, Field(strict=False)]
Score = Annotated[int, Field(ge=1, le=101)]
Class = Literal["important", "ordinary", "irregular", "churn_inclined", "quasi", "none"]


class Fitted(BaseModel):
    """A part that a fit may have written: other keys are its notes."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, populate_by_name=True)


class BinModel(Fitted):
    """The points of the values from `from`, inclusive, up to `to`, exclusive; without a bound it is open."""

    points: Points
    start: Annotated[int | float | None, Field(alias="from")] = None
    end: Annotated[int | float | None, Field(alias="to")] = None

    def bin(self) -> core.Bin:
        """Give the bin as the rules take it: readings are whole, so a bound between two is the upper one."""
        return core.Bin(self.points, _whole(self.start), _whole(self.end))


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(-(-bound // 1))


class IndicatorModel(Fitted):
    """An indicator's points: by bin, and for a gap."""

    bins: Annotated[Sequence[BinModel], AS_TUPLE] = ()
    missing: Points = 0

    @model_validator(mode="after")
    def _bins_do_not_overlap(self) -> Self:
        spans = sorted((-inf if b.start is None else b.start, inf if b.end is None else b.end) for b in self.bins)
        for (_, end), (start, _) in pairwise(spans):
            if start < end:
                message = f"two bins hold the value {start:g}: let each begin where the one before ends"
                raise ValueError(message)
        return self


class RiskModel(Section):
    """The early warning: indicators and their points, levels, and how long things count."""

    indicators: dict[str, IndicatorModel] | None = None
    base_points: Points = RISK.base_points
    watch_from: Score = RISK.watch_from
    high_from: Score = RISK.high_from
    critical_from: Score = RISK.critical_from
    hysteresis_points: Annotated[int, Field(ge=0, le=100)] = RISK.hysteresis_points
    min_dwell_days: Annotated[int, Field(ge=0, le=366)] = RISK.min_dwell_days
    cool_down_days: Annotated[int, Field(ge=0, le=366)] = RISK.cool_down_days
    pace_from_day: Annotated[int, Field(ge=2, le=28)] = RISK.pace_from_day
    checkpoint_days: Annotated[Sequence[MonthDay], AS_TUPLE] = RISK.checkpoint_days
    weekday_weight: Annotated[int, Field(ge=1, le=1000)] = RISK.weekday_weight
    weekend_weight: Annotated[int, Field(ge=1, le=1000)] = RISK.weekend_weight
    holidays: Annotated[Sequence[Day], Field(max_length=1000), AS_TUPLE] = ()
    pace_floor_fen: Annotated[int, Field(ge=1, le=MOST)] = RISK.pace_floor_fen
    pace_floor_seconds: Annotated[int, Field(ge=1, le=MOST)] = RISK.pace_floor_seconds
    pace_floor_bytes: Annotated[int, Field(ge=1, le=MOST)] = RISK.pace_floor_bytes
    pace_floor_days: Annotated[int, Field(ge=1, le=31)] = RISK.pace_floor_days
    low_spend_fen: Fen = RISK.low_spend_fen
    low_spend_over_fen: Fen = RISK.low_spend_over_fen
    low_spend_window_months: Annotated[int, Field(ge=1, le=6)] = RISK.low_spend_window_months
    complaint_days: Days = RISK.complaint_days
    open_complaint_days: Days = RISK.open_complaint_days
    competitor_days: Days = RISK.competitor_days
    balance_from_days: Annotated[int, Field(ge=0, le=366)] = RISK.balance_from_days
    balance_days: Days = RISK.balance_days

    @model_validator(mode="after")
    def _levels_rise(self) -> Self:
        if not self.watch_from < self.high_from < self.critical_from:
            message = "risk: watch_from, high_from and critical_from must rise in this order"
            raise refusal(message)
        return self

    @model_validator(mode="after")
    def _indicators_known(self) -> Self:
        strange = [name for name in self.indicators or {} if name not in INDICATORS]
        if strange:
            message = f"risk.indicators: {strange[0]} is no indicator: known are {', '.join(INDICATORS)}"
            raise refusal(message)
        return self

    def section(self) -> core.RiskPolicy:
        """Give the section as the rules take it; indicators told replace all by default."""
        own: dict[str, Any] = dict(self) | {
            "holidays": tuple(sorted({day.toordinal() for day in self.holidays})),
            "checkpoint_days": tuple(sorted(set(self.checkpoint_days))),
            "indicators": core.DEFAULT_INDICATORS if self.indicators is None else _weighed(self.indicators),
        }
        return core.RiskPolicy(**own)


def _weighed(told: Mapping[str, IndicatorModel]) -> tuple[core.Weighed, ...]:
    return tuple(
        core.Weighed(name, tuple(each.bin() for each in indicator.bins), indicator.missing)
        for name, indicator in told.items()
    )


class RetentionRowModel(Section):
    """A row of the retention matrix: what fits one value class."""

    product: Annotated[Sequence[Name], AS_TUPLE] = ()
    promotion: Annotated[Sequence[Name], AS_TUPLE] = ()
    channel: Annotated[Sequence[Name], AS_TUPLE] = ()
    new_service: Annotated[Sequence[Name], AS_TUPLE] = ()
    service: Annotated[Sequence[Name], AS_TUPLE] = ()


def matrix(told: Mapping[Class, RetentionRowModel] | None) -> tuple[core.RetentionRow, ...]:
    """Give the retention matrix as the rules take it: a row told replaces the one by default."""
    rows = {row.value_class: row for row in core.RETENTION_MATRIX}
    for name, row in (told or {}).items():
        rows[name] = core.RetentionRow(name, **dict(row))
    return tuple(rows.values())


class OfferModel(Section):
    """An offer to quote: for whom, and what it costs and gives."""

    name: Label
    measure: Name
    value_classes: Annotated[Sequence[Class], AS_TUPLE] = ()
    tenure_bands: Annotated[Sequence[Label], AS_TUPLE] = ()
    deposit_fen: Fen = 0
    gift_fen: Fen = 0
    months: Annotated[int, Field(ge=0, le=120)] = 0
    subsidy_fen: Fen = 0
    min_arpu_fen: Fen = 0
    without_arrears: bool = False
    from_level: Literal["none", "watch", "high", "critical"] = "none"
    budget_heads: Annotated[int, Field(ge=0, le=MOST)] | None = None


def catalogue(told: list[OfferModel] | None) -> tuple[core.Offer, ...]:
    """Give the offer catalogue as the rules take it; offers told replace all by default."""
    if told is None:
        return core.OFFERS
    return tuple(map(_offer, told))


def _names_differ(told: list[OfferModel]) -> list[OfferModel]:
    names = [offer.name for offer in told]
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        message = f"name {twice[0]} is there twice: give each offer its own"
        raise refusal(message)
    return told


Catalogue = Annotated[list[OfferModel], Field(max_length=256), AfterValidator(_names_differ)]


def _offer(told: OfferModel) -> core.Offer:
    own: dict[str, Any] = dict(told)
    own["min_level"] = LEVELS.index(own.pop("from_level"))
    return core.Offer(**own)
