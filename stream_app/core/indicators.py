"""The indicators of the early warning (DOMAIN section 5): each a small pure rule, from a subscriber to a reading.

A reading is a whole number in the unit of the indicator's name, or a gap where nothing is known; its points are the
policy's affair. Rule: what an indicator reads never depends on the order in which the events of a month arrive.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import partial

from stream_app.core import arrears, measures, network, pace, tenure, tiers, windows
from stream_app.core.elapsed import full_months, months_after
from stream_app.core.months import month_name
from stream_app.core.reading import GAP, ZERO, Evidence, Reading, Setting
from stream_app.core.state import NEVER, Complaint, Signs, Subscriber

Rule = Callable[[Subscriber, Setting], Reading]
NOTHING_SEEN = Signs()
TIERS_LOOKED_BACK_MONTHS = 3  # a tier lost longer ago is no news; older months may be kept in part
LOOKED_BACK_DAYS = 366  # for a port-out request; older ones are forgotten


def readings(sub: Subscriber, setting: Setting) -> dict[str, Reading]:
    """Read every indicator."""
    return {name: rule(sub, setting) for name, rule in INDICATORS.items()}


def returned_day(sub: Subscriber, setting: Setting) -> int:
    """Give the local day that the customer came onto the network last, 0 where it is not known."""
    return setting.calendar.day_of(sub.switches[-1][0]) if sub.switches and sub.switches[-1][1] else 0


def last_use_day(sub: Subscriber, setting: Setting) -> int:
    """Give the local day of the last use known, 0 for none."""
    used = [(month, record.days) for month, record in sub.months.items() if record.days]
    if not used:
        return sub.used_day
    month, days = max(used)
    return setting.calendar.first_day(month) + days.bit_length() - 1


def silent_days(sub: Subscriber, setting: Setting) -> Reading:
    """Read the days since the last use of any service, or since the customer came back without any."""
    last, returned = last_use_day(sub, setting), returned_day(sub, setting)
    if not last:
        return GAP

    def tell() -> Evidence:
        back: Evidence = {"on_network_from": _iso(returned)} if returned > last else {}
        return {"last_use_on": _iso(last), **back}

    return Reading(max(0, setting.tick.day - max(last, returned)), tell, drift=1)


def low_spend_months(sub: Subscriber, setting: Setting) -> Reading:
    """Read the closed months of low revenue on the network, of a customer who had months well above it."""
    closed, risk = setting.tick.closed, setting.risk
    span = range(max(sub.first_month, closed - risk.low_spend_window_months + 1), closed + 1)
    window = [month for month in span if network.on_at_end(sub, month, setting.calendar)]
    if not window:
        return GAP
    revenues = {month: windows.revenue_fen(sub, month) for month in window}
    low = [month for month, fen in revenues.items() if fen < risk.low_spend_fen]
    highest_fen = max(revenues.values())
    if not low or highest_fen <= risk.low_spend_over_fen:
        return Reading(0, lambda: {"highest_fen": highest_fen})
    return Reading(
        len(low),
        lambda: {
            "months": ", ".join(map(month_name, low)),
            "below_fen": risk.low_spend_fen,
            "highest_fen": highest_fen,
        },
    )


def arrears_months(sub: Subscriber, setting: Setting) -> Reading:
    """Read the full months since the oldest bill unpaid was due."""
    day = setting.tick.day
    due = arrears.oldest_unpaid_day(sub, day, setting.policy)
    if due is None:
        return ZERO
    count = full_months(due, day)
    return Reading(count, lambda: {"due_on": _iso(due)}, until_day=months_after(due, count + 1), counts_months=True)


def arrears_fen(sub: Subscriber, setting: Setting) -> Reading:
    """Read what is overdue and unpaid."""
    owed_fen, next_day = arrears.outlook(sub, setting.tick.day, setting.policy)
    return Reading(owed_fen, lambda: {"owed_fen": owed_fen} if owed_fen else {}, until_day=next_day)


def balance_fen(sub: Subscriber, setting: Setting) -> Reading:
    """Read the balance reported last, if no money came in for some days after it; a gap before, and once it is old."""
    found = sub.signs or NOTHING_SEEN
    day = _day(found.balance_at, setting) if found.balance_at else 0
    until_day, counts_from = day + setting.risk.balance_days, day + setting.risk.balance_from_days
    if not found.balance_at or sub.topped_up_at > found.balance_at or setting.tick.day >= until_day:
        return GAP
    if setting.tick.day < counts_from:
        return GAP._replace(until_day=counts_from)
    return Reading(
        found.balance_fen, lambda: {"balance_fen": found.balance_fen, "reported_on": _iso(day)}, until_day=until_day
    )


def complaints(sub: Subscriber, setting: Setting) -> Reading:
    """Read the complaints that are open or recent, escalated ones apart."""
    return _complaints(sub, setting, escalated=False)


def complaints_escalated(sub: Subscriber, setting: Setting) -> Reading:
    """Read the escalated complaints that are open or recent."""
    return _complaints(sub, setting, escalated=True)


def hotline_calls(sub: Subscriber, setting: Setting) -> Reading:
    """Read the contacts with competitors of late, forwarding apart."""
    return _recent((sub.signs or NOTHING_SEEN).hotline_calls, setting)


def call_forwarding(sub: Subscriber, setting: Setting) -> Reading:
    """Read the call forwardings to another network of late."""
    return _recent((sub.signs or NOTHING_SEEN).forwardings, setting)


def portout(sub: Subscriber, setting: Setting) -> Reading:
    """Read the days since a port-out code was asked for last."""
    asked = (sub.signs or NOTHING_SEEN).portouts
    day = _day(asked[-1], setting) if asked else 0
    if not asked or setting.tick.day - day >= LOOKED_BACK_DAYS:
        return GAP
    return Reading(max(0, setting.tick.day - day), lambda: {"requested_on": _iso(day)}, drift=1)


def contract_days_left(sub: Subscriber, setting: Setting) -> Reading:
    """Read the days until the last contract or plan ends; a gap without one, or with one that has no end."""
    ends = max((ends for ends in sub.contracts.values() if ends >= setting.tick.day), default=NEVER)
    if ends == NEVER:
        return GAP
    return Reading(ends - setting.tick.day, lambda: {"ends_on": _iso(ends)}, drift=-1, until_day=ends + 1)


def tenure_months(sub: Subscriber, setting: Setting) -> Reading:
    """Read the full months on the network."""
    joined = tenure.joined_day(sub, setting.calendar)
    if joined is None:
        return GAP
    count = full_months(joined, setting.tick.day)
    return Reading(
        count, lambda: {"joined_on": _iso(joined)}, until_day=months_after(joined, count + 1), counts_months=True
    )


def measures_held(sub: Subscriber, setting: Setting) -> Reading:
    """Read how many stabilising measures are held."""
    return _held(sub, measures.stabilising(sub, setting.tick.day, setting.policy.measures))


def sticky_services(sub: Subscriber, setting: Setting) -> Reading:
    """Read how many sticky services are held."""
    return _held(sub, measures.sticky(sub, setting.tick.day, setting.policy.measures))


def tier_lost_days(sub: Subscriber, setting: Setting) -> Reading:
    """Read the days since the end of the month that closed with a lower official tier; a gap once it is made good."""
    closed, ranked = setting.tick.closed, partial(setting.policies.rank, setting.policy)
    regained = ranked(sub.tier)
    for month in range(closed, closed - TIERS_LOOKED_BACK_MONTHS, -1):
        before, after = tiers.official(sub, month - 1), tiers.official(sub, month)
        regained = max(regained, ranked(after))
        if ranked(before) <= ranked(after):
            continue
        if regained >= ranked(before):
            return GAP
        day = setting.calendar.first_day(month + 1)
        return Reading(setting.tick.day - day, partial(_told_lost, before, month), drift=1)
    return GAP


def _told_lost(tier: str | None, month: int) -> Evidence:
    return {"lost": tier or "", "billing_month": month_name(month)}


def monetary_fen(sub: Subscriber, setting: Setting) -> Reading:
    """Read the mean revenue of the last three closed months."""
    if sub.first_month > setting.tick.closed:
        return GAP
    arpu_fen = windows.arpu_fen(windows.window_fen(sub, setting.tick.closed))
    return Reading(arpu_fen, lambda: {"arpu_fen": arpu_fen})


INDICATORS: Mapping[str, Rule] = {
    "spend_pace_percent": pace.spend,
    "minutes_pace_percent": pace.minutes,
    "data_pace_percent": pace.data,
    "active_days_percent": pace.active_days,
    "silent_days": silent_days,
    "low_spend_months": low_spend_months,
    "arrears_months": arrears_months,
    "arrears_fen": arrears_fen,
    "balance_fen": balance_fen,
    "complaints": complaints,
    "complaints_escalated": complaints_escalated,
    "hotline_calls": hotline_calls,
    "call_forwarding": call_forwarding,
    "portout": portout,
    "contract_days_left": contract_days_left,
    "tenure_months": tenure_months,
    "measures_held": measures_held,
    "sticky_services": sticky_services,
    "tier_lost_days": tier_lost_days,
    "recency_days": silent_days,
    "frequency_percent": pace.frequency,
    "monetary_fen": monetary_fen,
}
PACED = frozenset(  # worked at checkpoints of the month; while the alarm cools down these alone raise nothing
    {"spend_pace_percent", "minutes_pace_percent", "data_pace_percent", "active_days_percent", "silent_days"}
    | {"recency_days", "frequency_percent", "monetary_fen", "low_spend_months"}
)


def _complaints(sub: Subscriber, setting: Setting, *, escalated: bool) -> Reading:
    count, until_day, latest = 0, NEVER, 0
    for complaint in (sub.signs or NOTHING_SEEN).complaints.values():
        last_day = _counts_until(complaint, setting)
        if complaint.escalated == escalated and setting.tick.day < last_day:
            count, until_day, latest = count + 1, min(until_day, last_day), max(latest, complaint.filed_at)
    if not count:
        return ZERO
    return Reading(count, lambda: {"count": count, "last_filed_on": _iso(_day(latest, setting))}, until_day=until_day)


def _counts_until(complaint: Complaint, setting: Setting) -> int:
    if not complaint.filed_at:
        return 0
    is_open = complaint.filed_at > complaint.closed_at
    days = setting.risk.open_complaint_days if is_open else setting.risk.complaint_days
    return _day(complaint.filed_at, setting) + days


def _recent(seen: list[int], setting: Setting) -> Reading:
    horizon, today = setting.risk.competitor_days, setting.tick.day
    days = [day for day in (_day(at, setting) for at in seen) if today - day < horizon]
    if not days:
        return ZERO
    return Reading(len(days), lambda: {"count": len(days), "last_on": _iso(max(days))}, until_day=min(days) + horizon)


def _held(sub: Subscriber, names: list[str]) -> Reading:
    if not names:
        return ZERO
    ends = min(sub.measures[name] for name in names)
    until_day = NEVER if ends == NEVER else ends + 1
    return Reading(len(names), lambda: {"held": ", ".join(names)}, until_day=until_day)


def _day(at_seconds: int, setting: Setting) -> int:
    return setting.calendar.day_of(datetime.fromtimestamp(at_seconds, UTC))


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()
