"""The section `desk` of a policy file: cases, due times, the held-out group, hours of calls."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from stream_app.core.desk.policy import DeskPolicy, Due
from stream_app.core.indicators import INDICATORS
from stream_app.core.state import LEVELS
from stream_app.wire.fields import MOST
from stream_app.wire.invalid import refusal
from stream_app.wire.policy_risk import Class
from stream_app.wire.policy_section import Label, Section

DEFAULTS = DeskPolicy()
WIN_BACK: tuple[Class, ...] = ("important",)
DAY_HOURS = 24
Hours = Annotated[int, Field(ge=1, le=2000)]
Days = Annotated[int, Field(ge=0, le=400)]
Hour = Annotated[int, Field(ge=0, le=24)]
LevelName = Literal["watch", "high", "critical"]


def _level(number: int) -> LevelName:
    names: tuple[LevelName, ...] = ("watch", "high", "critical")
    return names[number - 1]


def _by_name(told: tuple[Due, ...]) -> dict[str, int]:
    return {due.name: due.hours for due in told}


class DeskModel(Section):
    """Cases and calls."""

    risk_from: LevelName = _level(DEFAULTS.risk_from)
    important_risk_from: LevelName = _level(DEFAULTS.important_risk_from)
    tier_lost_calls: bool = DEFAULTS.tier_lost_calls
    win_back_classes: list[Class] = Field(default_factory=lambda: [*WIN_BACK])
    act_within_days: Annotated[int, Field(ge=1, le=3650)] = DEFAULTS.act_within_days
    due_hours: dict[str, Hours] = Field(default_factory=lambda: _by_name(DEFAULTS.due_hours))
    tier_due_hours: dict[Label, Hours] = Field(default_factory=lambda: _by_name(DEFAULTS.tier_due_hours))
    other_due_hours: Hours = DEFAULTS.other_due_hours
    retry_hours: Hours = DEFAULTS.retry_hours
    attempts: Annotated[int, Field(ge=1, le=50)] = DEFAULTS.attempts
    follow_up_days: Days = DEFAULTS.follow_up_days
    enrol_days: Days = DEFAULTS.enrol_days
    rest_days: Days = DEFAULTS.rest_days
    held_out_permille: Annotated[int, Field(ge=0, le=500)] = DEFAULTS.held_out_permille
    never_held_out_tiers: list[Label] = Field(default_factory=lambda: list(DEFAULTS.never_held_out_tiers))
    never_held_out_reasons: list[str] = Field(default_factory=lambda: list(DEFAULTS.never_held_out_reasons))
    quiet_from_hour: Hour = DEFAULTS.quiet_from_hour
    quiet_until_hour: Hour = DEFAULTS.quiet_until_hour
    calls_a_day: Annotated[int, Field(ge=1, le=100)] = DEFAULTS.calls_a_day
    capacity_a_day: Annotated[int, Field(ge=1, le=1000)] = DEFAULTS.capacity_a_day
    balance_below_fen: Annotated[int, Field(ge=-MOST, le=MOST)] = DEFAULTS.balance_below_fen

    @model_validator(mode="after")
    def _reasons_are_known(self) -> Self:
        unknown = [name for name in (*self.due_hours, *self.never_held_out_reasons) if name not in INDICATORS]
        if unknown:
            message = f"desk: {unknown[0]} is no indicator: known are {', '.join(INDICATORS)}"
            raise refusal(message)
        return self

    @model_validator(mode="after")
    def _some_hours_are_not_quiet(self) -> Self:
        if self.quiet_from_hour == 0 and self.quiet_until_hour == DAY_HOURS:
            message = "desk: quiet_from_hour (0) and quiet_until_hour (24) leave no hour for a call"
            raise refusal(message)
        return self

    def section(self) -> DeskPolicy:
        """Give the section as the rules take it."""
        own: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in self}
        for name in ("risk_from", "important_risk_from"):
            own[name] = LEVELS.index(own[name])
        for name in ("due_hours", "tier_due_hours"):
            own[name] = tuple(Due(each, hours) for each, hours in own[name].items())
        return DeskPolicy(**own)
