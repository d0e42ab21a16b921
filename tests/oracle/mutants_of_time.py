"""Rules of time, admission and replay gone wrong in the oracle: see `mutants`."""

from tests.oracle.mutation import Mutant, in_file

MUTANTS: tuple[Mutant, ...] = (
    *in_file(
        "tests/oracle/timeline.py",
        (
            "the grace of the close is ignored",
            "policy.calendar.end(month) + timedelta(hours=policy.grace_hours) > tick",
            "policy.calendar.end(month) > tick",
        ),
        (
            "a month closes after its grace, not at it",
            "timedelta(hours=policy.grace_hours) > tick",
            "timedelta(hours=policy.grace_hours) >= tick",
        ),
        ("there are no ticks at closes", "upto) if after < at <= upto]", "upto) if at is None]"),
        ("months can be corrected one close longer", "month > self.frozen", "month >= self.frozen"),
        ("months can be corrected one close less", "month > self.frozen", "month > self.frozen + 1"),
        (
            "all ticks stand before the first event",
            "ticks_in(policies, until, upto - timedelta(days=2), upto)[-1]",
            "ticks_in(policies, until, upto - timedelta(days=2), upto)[0]",
        ),
    ),
    *in_file(
        "tests/oracle/policy.py",
        ("a policy is in force after its instant", "policy.effective_at <= at", "policy.effective_at < at"),
        ("the first policy is always in force", "return reached[-1] if reached else policies[0]", "return policies[0]"),
    ),
    *in_file(
        "tests/oracle/months.py",
        ("months are those of universal time", "local_on = self.date_of(at)", "local_on = at.date()"),
        (
            "the anchor day is the first",
            "return _midnight(zone, date(month // 12, month % 12 + 1, anchor_day))",
            "return _midnight(zone, date(month // 12, month % 12 + 1, min(anchor_day, 1)))",
        ),
        ("a month starts after its first instant", "while at < self.start(month)", "while at <= self.start(month)"),
    ),
    *in_file(
        "tests/oracle/oracle.py",
        (
            "an hour ahead is in the future",
            "event.occurred_at > self.until + LATEST_AHEAD",
            "event.occurred_at >= self.until + LATEST_AHEAD",
        ),
        (
            "what is after the end moves the clock",
            ("if at > self.until:\n            return"),
            ("if False:\n            return"),
        ),
        (
            "a tick stands after the event that reaches it",
            ("                self.tick_up_to(read_line.occurred_at)\n                self.work(read_line)"),
            ("                self.work(read_line)\n                self.tick_up_to(read_line.occurred_at)"),
        ),
        (
            "a row no longer due is not revised",
            "in sorted({*written}.union(rows_due(step.after, step.clock))):",
            "in rows_due(step.after, step.clock):",
        ),
    ),
    *in_file(
        "tests/oracle/reading.py",
        ("a billing month may lie two months ahead", "if month > occurred_in + 1:", "if month > occurred_in + 2:"),
        ("nothing may be charged for the next month", "if month > occurred_in + 1:", "if month > occurred_in:"),
    ),
)
