"""Rules of value classes, measures and tenure gone wrong in the engine: see `engine_mutants`."""

from tests.oracle.mutation import Mutant, in_file

CORE = "stream_app/core"

MUTANTS: tuple[Mutant, ...] = (
    *in_file(
        f"{CORE}/value.py",
        ("dynamic begins at the amount", "if fen > rules.dynamic_over_fen", "if fen >= rules.dynamic_over_fen"),
        ("months above need not follow each other", "run + 1 if fen > rules.dynamic_over_fen else 0", "run + (fen > rules.dynamic_over_fen)"),
        ("the window is a month too long", "month - rules.window_months + 1)", "month - rules.window_months)"),
        ("months before the first count", "max(sub.first_month, month - rules", "max(0, month - rules"),
        ("low months are at the amount too", "fen < rules.low_below_fen", "fen <= rules.low_below_fen"),
        ("one low month more is needed", ">= rules.low_months", "> rules.low_months"),
        ("a group's class does not count", "or sub.traits.get(_GROUP_CLASS) in rules.important_group_classes", ""),
        ("important begins above the amount", "row.arpu_fen >= rules.important_floor_fen", "row.arpu_fen > rules.important_floor_fen"),
        ("ordinary begins above the amount", 'if arpu_fen >= rules.dynamic_over_fen else "irregular"', 'if arpu_fen > rules.dynamic_over_fen else "irregular"'),
        ("quasi reaches the amount", "<= arpu_fen < rules.dynamic_over_fen", "<= arpu_fen <= rules.dynamic_over_fen"),
        ("quasi begins above its floor", "rules.quasi_floor_fen <= arpu_fen", "rules.quasi_floor_fen < arpu_fen"),
        ("who has left keeps the class", "if not row.on_at_end:", "if False:"),
        ("unpaid bills do not count", "or _is_long_unpaid(sub, row.month, policy, calendar)", ""),
        ("the assessed may bring less", "row.month) >= rules.dynamic_over_fen", "row.month) >= 0"),
        ("the assessed need not call", "[0] >= rules.assessed_outgoing_seconds", "[0] >= 0"),
        ("classes of the newest policy", "policies.named(clock.closed_under(closed))", "policies.versions[-1]"),
    ),
    *in_file(
        f"{CORE}/usage.py",
        ("incoming calls are outgoing", 'CELLS["voice", scope, True]', 'CELLS["voice", scope, False]'),
    ),
    *in_file(
        f"{CORE}/effects.py",
        ("measures have no end", "event.until.toordinal() if event.until else NEVER", "NEVER"),
        ("the last activation counts", "min(sub.activated_at or at, at)", "at"),
    ),
    *in_file(
        f"{CORE}/measures.py",
        ("a measure ends a day early", "for name, last in sub.measures.items() if day <= last)", "for name, last in sub.measures.items() if day < last)"),
    ),
    *in_file(
        f"{CORE}/tenure.py",
        ("the day joined is not asked", "    if told:\n", "    if False:\n"),
    ),
)  # fmt: skip
