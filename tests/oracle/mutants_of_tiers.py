"""Rules of presence, tiers and reasons gone wrong in the oracle: see `mutants`."""

from tests.oracle.mutation import Mutant, in_file

MUTANTS: tuple[Mutant, ...] = (
    *in_file(
        "tests/oracle/rules.py",
        ("who leaves as a month starts was off in it", "if event.occurred_at < at])", "if event.occurred_at <= at])"),
        (
            "at equal instants leaving wins",
            "any(event.type == ACTIVATED for event in signals if",
            "all(event.type == ACTIVATED for event in signals if",
        ),
        (
            "a customer is off before the first signal",
            "return latest_at is None or any",
            "return latest_at is not None and any",
        ),
        (
            "the latest signal is the last by arrival",
            "return not _state(history.signals)",
            "return not _state(history.signals[-1:])",
        ),
        (
            "a month's row needs its start on the network",
            "return came or on_network(history, start_at)",
            "return on_network(history, start_at)",
        ),
        (
            "an activation as the next month starts counts for this one",
            "start_at <= event.occurred_at < end_at",
            "start_at <= event.occurred_at <= end_at",
        ),
        (
            "the first month is that of the first event by arrival",
            "min(event.occurred_at for event in history.events)",
            "history.events[0].occurred_at",
        ),
        (
            "the first month is the earliest billing month",
            "clock.calendar.month_of(min(event.occurred_at for event in history.events))",
            "min(event.month for event in history.events)",
        ),
        ("downgrades come at once", "lower_closes >= policy.closes_to_downgrade", "lower_closes >= 1"),
        (
            "downgrades come a close late",
            "lower_closes >= policy.closes_to_downgrade",
            "lower_closes > policy.closes_to_downgrade",
        ),
        (
            "an equal close does not reset the count",
            "if policy.rank(reached) < policy.rank(held) else 0",
            "if policy.rank(reached) < policy.rank(held) else lower_closes",
        ),
        ("the count goes on after a downgrade", "held, lower_closes = reached, 0", "held = reached"),
        (
            "being off keeps the tier held",
            ("            held, lower_closes = None, 0\n        elif"),
            ("            lower_closes = 0\n        elif"),
        ),
        ("corrections use today's policy", "policy = clock.policy_of(month)", "policy = clock.policy"),
        (
            "the live window is the last open month's alone",
            ("for month in clock.open_months():\n        best"),
            ("for month in clock.open_months()[-1:]:\n        best"),
        ),
        (
            "the live tier ignores the official one",
            ("best = official_tiers(history, clock).get(clock.last_closed)\n"),
            ("best = None\n"),
        ),
        (
            "a contract ends before the day it ends on",
            "date_of(clock.at) <= date.fromisoformat",
            "date_of(clock.at) < date.fromisoformat",
        ),
        (
            "a contract has no end",
            ('if clock.at is None or "ends_on" not in event.fields:\n        return True'),
            ("if True:\n        return True"),
        ),
        (
            "a contract once signed is never ended",
            'history.of_type("contract.signed", "contract.ended")',
            'history.of_type("contract.signed")',
        ),
        ("contracts are always required", "return clock.policy.contract_required and not", "return not"),
    ),
    *in_file(
        "tests/oracle/reasons.py",
        ("an open month that went down is no correction", "return went_down or", "return"),
        ("returning is not told", '"returned": has_left(step.before),', ""),
    ),
)
