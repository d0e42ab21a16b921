"""The policy's sections on what customers are worth: value classes, measures and tenure bands, plans."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from stream_app.core import policy as core
from stream_app.wire.fields import MOST, Name, Trait
from stream_app.wire.invalid import refusal
from stream_app.wire.policy_section import Label, Section

Fen = Annotated[int, Field(ge=0, le=MOST)]
CLASSES, MEASURES, PLANS = core.ValueClasses(), core.MeasurePolicy(), core.Plans()


class ValueClassesModel(Section):
    """What the value classes rest on; every figure is of one month or of a monthly mean."""

    window_months: Annotated[int, Field(ge=1, le=24)] = CLASSES.window_months
    dynamic_months: Annotated[int, Field(ge=1, le=24)] = CLASSES.dynamic_months
    dynamic_over_fen: Fen = CLASSES.dynamic_over_fen
    quasi_floor_fen: Fen = CLASSES.quasi_floor_fen
    important_floor_fen: Fen = CLASSES.important_floor_fen
    important_group_classes: list[Trait] = Field(default_factory=lambda: list(CLASSES.important_group_classes))
    low_below_fen: Fen = CLASSES.low_below_fen
    low_months: Annotated[int, Field(ge=1, le=24)] = CLASSES.low_months
    unpaid_months: Annotated[int, Field(ge=0, le=11)] = CLASSES.unpaid_months
    assessed_outgoing_seconds: Annotated[int, Field(ge=0, le=MOST)] = CLASSES.assessed_outgoing_seconds

    @model_validator(mode="after")
    def _bounds_fit(self) -> Self:
        if self.dynamic_months > self.window_months:
            message = (
                f"value_classes: dynamic_months ({self.dynamic_months}) is more than window_months "
                f"({self.window_months}): no customer could be dynamic"
            )
            raise refusal(message)
        if not self.quasi_floor_fen <= self.dynamic_over_fen <= self.important_floor_fen:
            message = (
                f"value_classes: quasi_floor_fen ({self.quasi_floor_fen}), dynamic_over_fen ({self.dynamic_over_fen}) "
                f"and important_floor_fen ({self.important_floor_fen}) must not descend"
            )
            raise refusal(message)
        return self

    def section(self) -> core.ValueClasses:
        """Give the section as the rules take it."""
        told = dict(self) | {"important_group_classes": tuple(self.important_group_classes)}
        return core.ValueClasses(**told)


class TenureBandModel(Section):
    """A band of tenure, up to the next one."""

    name: Label
    from_months: Annotated[int, Field(ge=0, le=1200)]


BANDS = [TenureBandModel(name=band.name, from_months=band.from_months) for band in MEASURES.tenure_bands]


class MeasuresModel(Section):
    """Which measures stabilise, which services stick, and how tenure is banded."""

    stabilising: list[Name] = Field(default_factory=lambda: list(MEASURES.stabilising))
    sticky_services: list[Name] = Field(default_factory=lambda: list(MEASURES.sticky_services))
    cross_stabilised_from: Annotated[int, Field(ge=2, le=32)] = MEASURES.cross_stabilised_from
    tenure_bands: list[TenureBandModel] = Field(default_factory=lambda: list(BANDS), min_length=1, max_length=16)

    @model_validator(mode="after")
    def _bands_ascend(self) -> Self:
        starts = [band.from_months for band in self.tenure_bands]
        if starts[0] != 0 or sorted(set(starts)) != starts:
            message = "measures.tenure_bands: begin with from_months 0, and let each band begin after the one before"
            raise refusal(message)
        _differ("measures.tenure_bands", [band.name for band in self.tenure_bands])
        return self

    def section(self) -> core.MeasurePolicy:
        """Give the section as the rules take it."""
        return core.MeasurePolicy(
            tuple(self.stabilising),
            tuple(self.sticky_services),
            self.cross_stabilised_from,
            tuple(core.TenureBand(band.name, band.from_months) for band in self.tenure_bands),
        )


class PlanModel(Section):
    """A tariff plan, by the name that profiles give it."""

    name: Trait
    price_fen: Fen
    minutes: Annotated[int, Field(ge=0, le=1_000_000)]


class PlansModel(Section):
    """The plans known, and from what tenure on a better fitting one is offered."""

    known: list[PlanModel] = Field(default_factory=list, max_length=256)
    move_over_months: Annotated[int, Field(ge=0, le=1200)] = PLANS.move_over_months

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        _differ("plans.known", [plan.name for plan in self.known])
        return self

    def section(self) -> core.Plans:
        """Give the section as the rules take it."""
        known = tuple(core.Plan(plan.name, plan.price_fen, plan.minutes) for plan in self.known)
        return core.Plans(known, self.move_over_months)


def _differ(key: str, names: Sequence[str]) -> None:
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        message = f"{key}: name {twice[0]} is there twice: give each its own"
        raise refusal(message)
