"""What shows before somebody leaves, and the same from those who do not: complaints, competitors, contacts.

Rule: who stays shows every kind of sign too, only more seldom.
"""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from stream_app.sim.archetypes import COURSES, SignKind
from stream_app.sim.course import Month
from stream_app.sim.departure import Departure
from stream_app.sim.mix import Mix
from stream_app.sim.moments import Dated, Entry, Event, after, at_work
from stream_app.sim.months import days_in, first_day, month_of
from stream_app.sim.people import Person

_COMPLAINT_TOPICS: Final = ("network", "tariff", "support", "counter")
_ESCALATES: Final = 0.1  # of the complaints of those who stay
_CURIOUS: Final[tuple[SignKind, ...]] = ("hotline_call", "hotline_call", "call_forwarding", "competitor_other")
_CAMPAIGN: Final[tuple[SignKind, ...]] = ("contact_not_reached", "contact_refused", "contact_accepted")
_OFFERED: Final = ("deposit_gift", "handset_contract", "family_plan", "group_member")
_STICKY: Final = "mailbox"  # for those who hold everything else
_HOLDS_DAYS: Final = 365
_COMPETITOR_OFFERS: Final = ("cheaper_minutes", "free_handset", "deposit_gift")


def signs(person: Person, plan: Month, month: int, mix: Mix, chance: Random) -> Iterator[Dated]:
    """Show what a month has to show, days away aside."""
    numbered = enumerate(_shown(plan, month, mix, chance))
    for number, (on, kind) in numbered:
        if plan.there_on(on):
            yield from _sign(person, plan, kind, f"{on:%Y%m%d}-{number}", on, chance)


def _shown(plan: Month, month: int, mix: Mix, chance: Random) -> Iterator[tuple[date, SignKind]]:
    if plan.ahead is not None:
        yield from ((on, kind) for on, kind in plan.ahead.signs if month_of(on) == month)
        yield from _keeping(plan.ahead, month)
    else:
        yield from _noise(plan, month, mix, chance)
    if chance.random() < mix.complaints:
        kind: SignKind = "escalated_complaint" if chance.random() < _ESCALATES else "complaint"
        yield _day_there(plan, month, chance), kind


def _keeping(ahead: Departure, month: int) -> Iterator[tuple[date, SignKind]]:
    if ahead.kept_on is not None and month_of(ahead.kept_on) == month:
        yield ahead.kept_on, "contact_accepted"


def _noise(plan: Month, month: int, mix: Mix, chance: Random) -> Iterator[tuple[date, SignKind]]:
    if chance.random() < mix.curious:
        yield _day_there(plan, month, chance), chance.choice(_CURIOUS)
    if chance.random() < mix.campaigns:
        yield _day_there(plan, month, chance), chance.choice(_CAMPAIGN)


def _day_there(plan: Month, month: int, chance: Random) -> date:
    last = min(plan.last, days_in(month))
    return after(first_day(month), chance.randint(plan.first, max(last, plan.first)) - 1)


def _sign(person: Person, plan: Month, kind: SignKind, place: str, on: date, chance: Random) -> Iterator[Dated]:
    """Write a sign as its events; `place` makes their ids unique."""
    match kind:
        case "complaint" | "escalated_complaint":
            yield from _complaint(person, plan, kind, place, on, chance)
        case "contact_refused" | "contact_accepted" | "contact_not_reached":
            yield from _contact(person, plan, kind, place, on, chance)
        case "hotline_call" | "call_forwarding" | "competitor_other":
            fields: Event = {"kind": kind.removeprefix("competitor_")}
            yield Dated(on, Entry(at_work(chance), person, "competitor.contacted", f"o-{place}", fields))
        case "portout_request":
            yield Dated(on, Entry(at_work(chance), person, "portout.requested", f"q-{place}", {}))
        case "smaller_plan":
            smaller: Event = {"plan": f"{person.plan.name}-lite"}
            yield Dated(on, Entry(at_work(chance), person, "subscriber.updated", f"n-{place}", smaller))


def _complaint(person: Person, plan: Month, kind: SignKind, place: str, on: date, chance: Random) -> Iterator[Dated]:
    """File a complaint and close it some days later."""
    complaint_id = f"c-{place}"
    topic = chance.choice(_COMPLAINT_TOPICS)
    if plan.ahead is not None:
        topic = COURSES[plan.ahead.intent.archetype].topic
    fields: Event = {
        "complaint_id": complaint_id,
        "severity": "escalated" if kind == "escalated_complaint" else "normal",
        "topic": topic,
    }
    yield Dated(on, Entry(at_work(chance), person, "complaint.filed", complaint_id, fields))
    closed_on = after(on, chance.randint(1, 4))
    closing: Event = {"complaint_id": complaint_id}
    yield Dated(closed_on, Entry(at_work(chance), person, "complaint.closed", complaint_id, closing))


def _contact(person: Person, plan: Month, kind: SignKind, place: str, on: date, chance: Random) -> Iterator[Dated]:
    """Call a customer to keep them; what is accepted is enrolled at once."""
    second = at_work(chance)
    measure = chance.choice([each for each in _OFFERED if each not in person.measures] or [_STICKY])
    case_id = f"t-{place}"
    fields: Event = {"case_id": case_id, "outcome": kind.removeprefix("contact_")}
    if kind != "contact_not_reached":
        fields["measure"] = measure
    if kind == "contact_refused":
        fields |= _refusal(plan, chance)
    yield Dated(on, Entry(second, person, "contact.resulted", case_id, fields))
    if kind == "contact_accepted":
        enrolled: Event = {"measure": measure, "until": after(on, _HOLDS_DAYS).isoformat()}
        yield Dated(on, Entry(second + 60, person, "measure.enrolled", f"m-{measure}-{place}", enrolled))


def _refusal(plan: Month, chance: Random) -> Event:
    """Say why an offer was refused; a competitor's where one is about to be followed."""
    if plan.ahead is None:
        return {"reason": "no_need"}
    reason = COURSES[plan.ahead.intent.archetype].reason
    return {"reason": reason, "competitor_offer": chance.choice(_COMPETITOR_OFFERS)}
