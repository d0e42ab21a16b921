"""Indicators and levels gone wrong in the engine: fixed lives must tell each from what the documents say."""

from tests.oracle.mutation import Mutant, in_file

CORE = "stream_app/core"

MUTANTS: tuple[Mutant, ...] = (
    *in_file(
        f"{CORE}/pace.py",
        ("today counts in the pace", "month, end = tick.opened, tick.day\n", "month, end = tick.opened, tick.day + 1\n"),
        ("the open month is judged a day early", "tick.day - first + 1 < risk.pace_from_day", "tick.day - first + 2 < risk.pace_from_day"),
        ("weekends weigh as other days", "weekend if date.fromordinal", "weekday if date.fromordinal"),
        ("the baseline has months from before the first", "    if first < sub.first_month:\n        return None\n", ""),
        ("active days count uses", "record.days.bit_count()", "record.days.bit_length()"),
    ),
    *in_file(
        f"{CORE}/indicators.py",
        ("who came back is silent since the last use", "setting.tick.day - max(last, returned)", "setting.tick.day - last"),
        ("absence is low spend", "if network.on_at_end(sub, month, setting.calendar)", ""),
        ("months at the amount are low", "if fen < risk.low_spend_fen", "if fen <= risk.low_spend_fen"),
        ("arrears count from the next month on", "count = full_months(due, day)", "count = full_months(due, day) + 1"),
        ("a balance counts at once", "    if setting.tick.day < counts_from:\n", "    if False:\n"),
        ("a balance says something for a day more", "setting.tick.day >= until_day", "setting.tick.day > until_day"),
        ("escalated complaints count as others", "if complaint.escalated == escalated and", "if"),
        ("a settled complaint is open", "complaint.filed_at > complaint.closed_at", "complaint.filed_at > 0"),
        ("competitors count a day longer", "if today - day < horizon", "if today - day <= horizon"),
        ("the first port-out request counts", "_day(asked[-1], setting)", "_day(asked[0], setting)"),
        ("a tier lost is never made good", "if regained >= ranked(before):", "if False:"),
        ("a tier half made good is no longer lost", "regained >= ranked(before)", "regained > ranked(after)"),
        ("one month is looked back for tiers lost", "TIERS_LOOKED_BACK_MONTHS = 3", "TIERS_LOOKED_BACK_MONTHS = 1"),
    ),
    *in_file(
        f"{CORE}/signs.py",
        ("the first filing of a complaint counts", "max(filed, (complaint.filed_at", "min(filed, (complaint.filed_at or 1 << 40"),
        ("an offer told of is no contact", "if event.competitor_offer:", "if False:"),
    ),
    *in_file(
        f"{CORE}/level.py",
        ("levels fall without hysteresis", "risk.level(weight.score + risk.hysteresis_points))", "risk.level(weight.score))"),
        ("levels fall before their time", "day < _dwelt_day(ground, risk)", "day < ground.since_day"),
        ("relief waits for the dwell", "    if ground.relieved:\n", "    if False:\n"),
        ("payments relieve nothing", "    PaymentReceived: OWING,\n", ""),
        ("payments relieve everything", "PaymentReceived: OWING", "PaymentReceived: ANYTHING"),
        ("the alarm never cools down", "bool(stood.cleared_day) and day", "False and day"),
        ("the alarm cools down a day longer", "day < stood.cleared_day + risk", "day <= stood.cleared_day + risk"),
        ("dwell is looked at a day late", "_dwelt_day(told, risk) if falls", "_dwelt_day(told, risk) + 1 if falls"),
    ),
    *in_file(
        f"{CORE}/risk.py",
        ("reasons lead by the policy's order alone", "return before if before in heaviest else heaviest[0]", "return heaviest[0]"),
        ("a level stands on the last event", "stands = structs.replace(_stands(sub, found, setting, by_tick=False), ground=ground)", "stands = _stands(sub, found, setting, by_tick=False)"),
        ("who is back before the tick is new", "    if ground != NOTHING_STOOD:\n", "    if False:\n"),
        ("rising readings are looked at a bound late", "if bound > reading.value]", "if bound > reading.value + 1]"),
        ("what an event weighs is not weighed again", "    sub.watch_day = tick.day + 1\n    return facts", "    return facts"),
        ("points have no bounds", "max(LEAST, min(MOST, total)),", "total,"),
    ),
    *in_file(
        f"{CORE}/engine.py",
        ("a tier lost is not weighed at the close", "    elif moved or (month_closed and", "    elif False and (month_closed and"),
        ("who left keeps the risk over ticks", "        risk.end(sub)\n", "        pass\n"),
    ),
)  # fmt: skip
