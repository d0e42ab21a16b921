"""The engine's rules gone wrong on purpose: the fixed streams must tell each from the contract.

What a replay cannot tell has its example in tests/core: equal ticks, policy before close in the order of reasons, a use
before the first month.
"""

from tests.oracle import mutants_of_classes
from tests.oracle.mutation import Mutant, in_file

CORE = "stream_app/core"

WINDOWS = in_file(
    f"{CORE}/windows.py",
    ("arpu is rounded down", "(2 * window_fen + 3) // 6", "window_fen // 3"),
    ("the divisor is two", "(2 * window_fen + 3) // 6", "(2 * window_fen + 2) // 4"),
    ("a window has two months", "(last - 2, last - 1, last)", "(last - 1, last)"),
)
POLICY = in_file(
    f"{CORE}/policy.py",
    ("a floor must be passed", "if window_fen >= 3 * tier.floor_fen", "if window_fen > 3 * tier.floor_fen"),
    ("a policy is in force after its instant", "if policy.effective_at <= at", "if policy.effective_at < at"),
)
MONEY = in_file(
    f"{CORE}/effects.py",
    ("the first issue of a bill counts", "+ event.amount_fen - (old.amount_fen if old else 0)", "+ (0 if old else event.amount_fen)"),
    ("a bill issued again adds up", "- (old.amount_fen if old else 0)", ""),
    ("negative adjustments do not lower arrears", "sub.credit_fen += max(0, -event.amount_fen)", "pass"),
    ("positive adjustments are owed", "max(0, -event.amount_fen)", "-event.amount_fen"),
    ("payments do not count", "    sub.credit_fen += event.amount_fen\n", "    pass\n"),
    ("contracts never end", "sub.contracts.pop(event.contract_id, None)", "pass"),
    ("contracts have no end date", "event.ends_on.toordinal() if event.ends_on else NEVER", "NEVER"),
)  # fmt: skip
STATE = in_file(
    f"{CORE}/state.py",
    ("a bill of nothing is no bill", "self.accrued_fen if self.billed_fen is None", "self.accrued_fen if not self.billed_fen"),
    ("the bill adds to what accrued", "else self.billed_fen) + self.adjusted_fen", "else self.billed_fen + self.accrued_fen) + self.adjusted_fen"),
    ("corrections use the newest policy", "            if first <= month:\n                found = version", "            found = version"),
)  # fmt: skip
NETWORK = in_file(
    f"{CORE}/network.py",
    ("who leaves as a month starts was off in it", "if switched_at >= at", "if switched_at > at"),
    ("a customer is off before the first signal", "    state = True\n", "    state = False\n"),
    ("the latest signal is the last by arrival", "insort(sub.switches, (at, on))", "sub.switches.append((at, on))"),
    ("a month's row needs its start on the network", "return on_network(sub, start) or any(on and start <= at < end for at, on in sub.switches)", "return on_network(sub, start)"),
    ("an activation as the next month starts counts", "start <= at < end", "start <= at <= end"),
)  # fmt: skip
ARREARS = in_file(
    f"{CORE}/arrears.py",
    ("a bill is overdue on its last day of grace", "bill.due_day < past", "bill.due_day <= past"),
    ("the grace days of arrears are ignored", "past = day - grace_days", "past = day"),
    (
        "bills of final months are forgiven",
        "    if bill.due_day is not None:\n        sub.due[",
        "    if False:\n        sub.due[",
    ),
    ("a bill turns overdue a day late", "soonest + grace_days + 1", "soonest + grace_days + 2"),
)
TIERS = in_file(
    f"{CORE}/tiers.py",
    ("arrears do not suspend", "    if owed_fen:\n", "    if False:\n"),
    ("a contract ends before the day it ends on", "any(day <= ends for", "any(day < ends for"),
    ("contracts are always required", "policy.tier_policy.contract_required and not", "not"),
    ("who left keeps the tier", "LEFT if network.has_left(sub) else 0", "0"),
    ("the live window is the last open month's alone", "for last in range(tick.closed + 1, tick.opened + 1):\n        window_fen", "for last in (tick.opened,):\n        window_fen"),
    ("headroom is counted from the closed window", "headroom_fen(policy, found)\n", "headroom_fen(policy, found) + 10\n"),
    ("a fall in an open month is no correction", "shift.closed_changed or shift.open_fell", "shift.closed_changed"),
)  # fmt: skip
CLOSING = in_file(
    f"{CORE}/closing.py",
    ("downgrades come at once", "held.misses + 1 >= policy.tier_policy.closes_to_downgrade", "True"),
    ("downgrades come a close late", "held.misses + 1 >= policy", "held.misses >= policy"),
    ("an equal close does not reset the count", "code, misses = policy.code(rank), 0\n", "code, misses = policy.code(rank), held.misses\n"),
    ("corrections reach one month only", "for month in range(max(sub.first_month, tick.final), tick.closed + 1):\n        set_official", "for month in range(max(sub.first_month, tick.closed), tick.closed + 1):\n        set_official"),
    ("rows are not revised", "due = now != old", "due = False"),
    ("missing rows are not added", "due = month >= sub.first_month and network.on_some_time(sub, month, policies.calendar)", "due = False"),
    ("ids are forgotten a month early", "        if month <= final:\n            del sub.ids", "        if month <= final + 1:\n            del sub.ids"),
)  # fmt: skip
CLOCK = in_file(
    f"{CORE}/clock.py",
    ("the grace of the close is ignored", "waited = grace(policies.in_force(at))", "waited = 0 * grace(policies.in_force(at))"),
    ("months can be corrected one close longer", "closed - policy.billing.correctable_months", "closed - policy.billing.correctable_months - 1"),
    ("months can be corrected one close less", "closed - policy.billing.correctable_months", "closed - policy.billing.correctable_months + 1"),
)  # fmt: skip
ADMISSION = in_file(
    f"{CORE}/admission.py",
    ("a bill may move to another month", "if belongs is not None and belongs != month", "if False"),
    ("usage is never a repeat", "return holds(sub.usage_ids, digest(event.event_id))", "return False"),
    ("one usage id too few is remembered", "[-usage_recent * DIGEST_BYTES :]", "[DIGEST_BYTES - usage_recent * DIGEST_BYTES or 10**6 :]"),
    ("ids are one for all types", 'digest(f"{event.type}\\0{event.event_id}")', "digest(event.event_id)"),
    ("the future is let in", "if event.occurred_at > not_after", "if False"),
)  # fmt: skip
ENGINE = in_file(
    f"{CORE}/engine.py",
    ("usage in an open month never lifts", "        if sub.headroom_fen <= 0:\n", "        if False:\n"),
    ("the first month is that of the first event by arrival", "sub.first_month = min(sub.first_month, occurred_month)", "sub.first_month = occurred_month if sub.first_month == NEVER else sub.first_month"),
    ("the month of the event is where it occurred", "month = occurred_month if stated is None else stated", "month = occurred_month"),
)  # fmt: skip
QUIET = in_file(
    f"{CORE}/engine.py",
    ("a quiet use may just reach the next tier", "event.charge_fen >= sub.headroom_fen", "event.charge_fen > sub.headroom_fen"),
    ("a use of a closed month is quiet", "        or month <= tick.closed\n", ""),
    ("a use of the future is quiet", "        or event.occurred_at > not_after\n", ""),
    ("a quiet use is no repeat", "    if digest in sub.usage_ids:\n        return False\n", ""),
    ("a quiet use is not remembered", "    sub.usage_ids = (sub.usage_ids + digest)[-kept_bytes:]\n", ""),
    ("a quiet use forgets an id too many", "[-kept_bytes:]", "[admission.DIGEST_BYTES - kept_bytes or 10**6 :]"),
    ("quiet uses leave the headroom as it was", "sub.headroom_fen -= event.charge_fen\n    if sub.risk", "pass\n    if sub.risk"),
)  # fmt: skip

ENGINE_MUTANTS: tuple[Mutant, ...] = (
    *WINDOWS, *POLICY, *MONEY, *STATE, *NETWORK, *ARREARS, *TIERS, *CLOSING, *CLOCK, *ADMISSION, *ENGINE, *QUIET,
    *mutants_of_classes.MUTANTS,
)  # fmt: skip
