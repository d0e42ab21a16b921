"""Rules of money, arrears and ids gone wrong in the oracle: see `mutants`."""

from tests.oracle.mutation import Mutant, in_file

MUTANTS: tuple[Mutant, ...] = (
    *in_file(
        "tests/oracle/rules.py",
        ("the divisor is two", "(2 * sum_fen + 3) // 6", "(2 * sum_fen + 2) // 4"),
        ("arpu is rounded down", "(2 * sum_fen + 3) // 6", "sum_fen // 3"),
        ("a window has two months", "for each in (month - 2, month - 1, month)", "for each in (month - 1, month)"),
        (
            "the bill adds to what accrued",
            'base = sum(bill.fields["amount_fen"] for bill in bills) if bills else accrued',
            'base = sum(bill.fields["amount_fen"] for bill in bills) + accrued',
        ),
        ("a bill of nothing is no bill", "for bill in bills) if bills else accrued", "for bill in bills) or accrued"),
        (
            "the first issue of a bill counts",
            'for event in history.of_type("bill.issued")}.values())',
            'for event in reversed(history.of_type("bill.issued"))}.values())',
        ),
        ("adjustments count only without a bill", "return int(base + sum(", "return int(base + (not bills) * sum("),
        (
            "revenue is never negative",
            "return history.revenues_fen.get(month, 0)",
            "return max(history.revenues_fen.get(month, 0), 0)",
        ),
        ("arrears do not suspend", "if arrears_fen(history, clock) > 0 or lacks", "if lacks"),
        ("negative adjustments do not lower arrears", "max(overdue - paid - credited, 0)", "max(overdue - paid, 0)"),
        ("positive adjustments are owed", 'sum(-min(event.fields["amount_fen"], 0)', 'sum(-event.fields["amount_fen"]'),
        ("payments do not count", "max(overdue - paid - credited, 0)", "max(overdue - credited, 0)"),
        ("a bill is overdue on its last day of grace", "date_of(clock.at) > last_on", "date_of(clock.at) >= last_on"),
        ("the grace days of arrears are ignored", "+ timedelta(days=clock.policy.arrears_grace_days)", ""),
        (
            "arrears are told in universal dates",
            "clock.calendar.date_of(clock.at) > last_on",
            "clock.at.date() > last_on",
        ),
    ),
    *in_file(
        "tests/oracle/policy.py",
        ("a floor must be passed", "if sum_fen >= 3 * floor_fen", "if sum_fen > 3 * floor_fen"),
        (
            "a floor is held against the rounded arpu",
            "if sum_fen >= 3 * floor_fen",
            "if (2 * sum_fen + 3) // 6 >= floor_fen",
        ),
    ),
    *in_file(
        "tests/oracle/admission.py",
        (
            "duplicates are looked for before what can be corrected",
            "    if not clock.correctable(event.month):",
            (
                "    if is_duplicate(event, history, clock):\n"
                '        return "duplicate"\n'
                "    if not clock.correctable(event.month):"
            ),
        ),
        ("ids are remembered for good", " and clock.correctable(each.month)", ""),
        ("ids are not remembered", "return any(each.event_id == event.event_id and", "return any(each is event and"),
        ("ids are one set for all types", "applied = history.of_type(event.type)", "applied = list(history.events)"),
        ("one usage id more is remembered", "if len(recent) == count:", "if len(recent) == count + 1:"),
        (
            "one usage id less is remembered",
            ("recent.add(event.event_id)\n        if len(recent) == count:"),
            ("recent.add(event.event_id)\n        if len(recent) == count - 1:"),
        ),
        ("a bill may change its month", "return first.month != event.month", "return False"),
        (
            "the month of a bill is looked at after its id",
            ('    if is_bill_of_another_month(event, history):\n        return "invalid_field"\n'),
            (
                "    if is_bill_of_another_month(event, history) and not is_duplicate(event, history, clock):\n"
                '        return "invalid_field"\n'
            ),
        ),
    ),
)
