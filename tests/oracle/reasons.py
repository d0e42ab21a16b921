"""Why a tier changed: the first that holds of CONTRACTS section 5, by what stood on both sides of a step."""

from dataclasses import dataclass
from datetime import datetime

from tests.oracle.rules import History, Row, arrears_fen, has_left, lacks_contract, revenue_fen, row
from tests.oracle.timeline import Clock


@dataclass(frozen=True, slots=True)
class Step:
    """One line or tick: the events and the clock on both sides of it."""

    cause: int | datetime
    before: History
    after: History
    clock_before: Clock
    clock: Clock

    @property
    def touches_closed_months(self) -> bool:
        """Whether a closed month can have changed, or one has closed: a plain tick does neither."""
        return self.before is not self.after or self.clock_before.closes != self.clock.closes


def reason_of(step: Step) -> str:
    """Name the first reason that holds."""
    holds = {
        "left": has_left(step.after),
        "returned": has_left(step.before),
        "arrears": arrears_fen(step.after, step.clock) > 0,
        "payment": arrears_fen(step.before, step.clock_before) > 0,
        "contract": lacks_contract(step.before, step.clock_before) != lacks_contract(step.after, step.clock),
        "policy": step.clock_before.policy != step.clock.policy,
        "close": step.clock_before.last_closed != step.clock.last_closed,
        "correction": has_corrected(step),
        "live": True,
    }
    return next(reason for reason, is_so in holds.items() if is_so)


def has_corrected(step: Step) -> bool:
    """Say whether a closed month changed, or an open one went down."""
    opened = step.clock.open_months()
    went_down = any(revenue_fen(step.after, month) < revenue_fen(step.before, month) for month in opened)
    return went_down or closed_rows(step.before, step) != closed_rows(step.after, step)


def closed_rows(history: History, step: Step) -> dict[int, Row]:
    """Give what every closed month holds, from the earliest that an event touches or occurred in."""
    last = step.clock.last_closed
    if last is None:
        return {}
    touched = [event.month for event in step.after.events]
    occurred = [step.clock.calendar.month_of(event.occurred_at) for event in step.after.events]
    return {month: row(history, month, step.clock) for month in range(min(touched + occurred), last + 1)}
