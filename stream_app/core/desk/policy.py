"""What the desk goes by: what calls for action, by when, and who is left alone; all of it is policy (DOMAIN section 6).

Where DOMAIN.md gives no figure it is ours.
"""

from msgspec import Struct

WATCH, HIGH = 1, 2  # levels of risk, as core.state numbers them


class Due(Struct, frozen=True):
    """The hours from what happened to a call: `name` is an indicator or a tier."""

    name: str
    hours: int


class DeskPolicy(Struct, frozen=True):
    """Cases, their due times, the held-out group and the hours of calls."""

    risk_from: int = HIGH  # a level that opens a case
    important_risk_from: int = WATCH  # the same for important customers
    tier_lost_calls: bool = True  # a tier lost opens a case too
    win_back_classes: tuple[str, ...] = ("important",)  # who has left is called back
    act_within_days: int = 14  # an older fact opens nothing: what is rebuilt or caught up is no news

    # The time to a call, by the most urgent reason, else by tier; ports are done within hours.
    due_hours: tuple[Due, ...] = (Due("portout", 4), Due("complaints_escalated", 8), Due("call_forwarding", 24))
    tier_due_hours: tuple[Due, ...] = (Due("C1", 24), Due("C2", 24), Due("C3", 48))
    other_due_hours: int = 72
    retry_hours: int = 24  # after a call that reached nobody
    attempts: int = 3  # then the case goes to the supervisor
    follow_up_days: int = 3  # after a call that reached the customer and settled nothing
    enrol_days: int = 7  # from a measure accepted to its enrolment by the billing system
    rest_days: int = 14  # after a case ended with a result: no other one, unless the level rises or it is urgent

    held_out_permille: int = 50  # a share that gets no task, to measure against
    never_held_out_tiers: tuple[str, ...] = ("C1", "C2")
    never_held_out_reasons: tuple[str, ...] = ("portout", "complaints_escalated")

    quiet_from_hour: int = 21  # in billing.zone; no call from then on
    quiet_until_hour: int = 9
    calls_a_day: int = 1  # to one customer
    capacity_a_day: int = 20  # calls of a manager, where nothing else is said of them
    balance_below_fen: int = 1_000  # a balance that stands on the list of balance warnings
