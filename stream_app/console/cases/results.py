"""Results of calls: what a phone manager reports, and what it makes of the case (DOMAIN section 6).

Rule: call, case, log and the record for the topic task-results are written in one transaction, or none of them is.
"""

from datetime import datetime
from typing import NamedTuple, get_args

import orjson
from sqlalchemy import Connection, exists, insert, select
from xxhash import xxh3_128_hexdigest

from stream_app.console.cases import rows
from stream_app.console.cases.announce import announce
from stream_app.console.cases.assigning import changeable
from stream_app.console.cases.crew import check_may_work
from stream_app.console.cases.permitting import calls_today, check_may_call
from stream_app.console.cases.refused import Refused, Why
from stream_app.console.cases.texts import line, remark
from stream_app.console.desk import Desk
from stream_app.console.store.database import writing
from stream_app.console.store.read_tables import MeasureHeld
from stream_app.console.store.work_tables import Contact, OutboxRecord, Script
from stream_app.core.desk.course import CaseState, Happened
from stream_app.core.desk.heard import Ground, ground
from stream_app.core.desk.outcomes import Reported, report
from stream_app.core.policy import Policy
from stream_app.wire.instants import write_instant
from stream_app.wire.models import Outcome

__all__ = [
    "Called",
    "Refused",
    "Result",
    "measures_known",
    "measures_of",
    "note",
    "note_within",
    "record",
    "record_within",
    "take_in",
]

TOPIC = "task-results"


class Result(NamedTuple):
    """What came of a call; `measure`, `reason` and `competitor_offer` are published, the note stays at the desk."""

    outcome: str
    measure: str | None = None
    reason: str | None = None
    competitor_offer: str | None = None
    note: str = ""
    script_id: str | None = None


class Called(NamedTuple):
    """A call; its id is made once per version of a case."""

    event_id: str
    user_id: str
    at: datetime


def record(desk: Desk, case_id: str, user_id: str, result: Result, version: int) -> None:
    """Take the result of a call in; raises Refused, and changes nothing then."""
    with writing(desk.engine) as connection:
        record_within(connection, desk, case_id, user_id, result, version)


def record_within(connection: Connection, desk: Desk, case_id: str, user_id: str, result: Result, version: int) -> None:
    """Take the result of a call in, in a transaction that the caller ends; raises Refused before it writes."""
    told = _cleaned(result)
    case = changeable(connection, case_id, version)
    check_may_work(connection, user_id, case)
    stands_on = ground(desk.policies, desk.now())
    _check_known(connection, case, told, stands_on)
    if told.outcome == "not_reached":  # any other outcome may be of a call that the customer made
        check_may_call(connection, desk, case)
    contact = Called(xxh3_128_hexdigest(f"{case_id}/{case.version}".encode()), user_id, stands_on.now)
    _write_contact(connection, case, told, contact)
    _publish(connection, case, told, contact)
    _change(connection, desk, case, told, user_id)


def take_in(connection: Connection, desk: Desk, case: CaseState, told: Result, contact: Called) -> None:
    """Write a result that was published before; of a case that is closed or held out only the call is kept."""
    _write_contact(connection, case, told, contact)
    if case.state in {"open", "waiting"}:
        _change(connection, desk, case, told, contact.user_id or None)


def note(desk: Desk, case_id: str, user_id: str, text: str) -> None:
    """Add a note for whoever works the case; raises Refused."""
    with writing(desk.engine) as connection:
        note_within(connection, desk, case_id, user_id, text)


def note_within(connection: Connection, desk: Desk, case_id: str, user_id: str, text: str) -> None:
    """Add a note, in a transaction that the caller ends; raises Refused before it writes."""
    said = remark(text)
    if not said:
        raise Refused(Why.EMPTY)
    case = rows.open_for_change(connection, case_id)
    if case is None:
        raise Refused(Why.NO_CASE)
    check_may_work(connection, user_id, case)
    if case.state == "closed":
        raise Refused(Why.CLOSED)
    rows.update_cases(connection, [case])
    rows.log(connection, [Happened(case_id, desk.now(), "note", {})], user_id, said)


def measures_known(case: CaseState, stands_on: Ground) -> list[str]:
    """List the measures that can be reported: those suggested first, then all others of the policy."""
    offered = [str(offer["measure"]) for offer in case.offers]
    return list(dict.fromkeys([*case.suggested_measures, *offered, *measures_of(stands_on.policy)]))


def measures_of(policy: Policy) -> list[str]:
    """List the measures that can be reported of any case."""
    of_matrix = [name for row in policy.retention_matrix for name in row.measures]
    others = [*policy.measures.stabilising, *policy.measures.sticky_services, *(o.measure for o in policy.offers)]
    return list(dict.fromkeys([*of_matrix, *others]))


def _cleaned(result: Result) -> Result:
    if result.outcome not in get_args(Outcome):
        raise Refused(Why.UNKNOWN_OUTCOME)
    return Result(
        result.outcome,
        line(result.measure),
        line(result.reason),
        line(result.competitor_offer),
        remark(result.note),
        line(result.script_id),
    )


def _check_known(connection: Connection, case: CaseState, told: Result, stands_on: Ground) -> None:
    if told.measure is None and told.outcome == "accepted":
        raise Refused(Why.MEASURE_MISSING)
    if told.reason is None and told.outcome == "refused":
        raise Refused(Why.REASON_MISSING)
    if told.measure is not None and told.measure not in measures_known(case, stands_on):
        raise Refused(Why.UNKNOWN_MEASURE)
    if told.script_id is None:
        return
    if not connection.scalar(select(exists().where(Script.script_id == told.script_id))):
        raise Refused(Why.UNKNOWN_SCRIPT)


def _write_contact(connection: Connection, case: CaseState, told: Result, contact: Called) -> None:
    row = told._asdict() | contact._asdict() | {"case_id": case.case_id, "subscriber_id": case.subscriber_id}
    del row["note"]
    connection.execute(insert(Contact), row)


def _publish(connection: Connection, case: CaseState, told: Result, contact: Called) -> None:
    event = {
        "event_id": contact.event_id,
        "type": "contact.resulted",
        "subscriber_id": case.subscriber_id,
        "occurred_at": write_instant(contact.at),
        "case_id": case.case_id,
        "outcome": told.outcome,
        "measure": told.measure,
        "reason": told.reason,
        "competitor_offer": told.competitor_offer,
    }
    value = orjson.dumps({name: each for name, each in event.items() if each is not None}).decode()
    waiting = {"topic": TOPIC, "key": case.subscriber_id, "value": value, "made_at": contact.at}
    connection.execute(insert(OutboxRecord), waiting)


def _change(connection: Connection, desk: Desk, case: CaseState, told: Result, user_id: str | None) -> None:
    stands_on = ground(desk.policies, desk.now())
    is_enrolled = told.outcome == "accepted" and _is_enrolled(connection, case, told.measure or "")
    reported = Reported(told.outcome, told.measure, is_enrolled, calls_today(connection, desk, case.subscriber_id))
    happened, follows = report(case, reported, stands_on)
    said = {name: each for name, each in told._asdict().items() if each and name != "note"}
    contacted = happened._replace(detail={**happened.detail, **said})
    rows.update_cases(connection, [case])
    rows.log(connection, [contacted], user_id, told.note)
    rows.log(connection, follows)
    if any(each.kind == "escalated" for each in follows):
        announce(connection, desk, case, "escalated")


def _is_enrolled(connection: Connection, case: CaseState, measure: str) -> bool:
    """Tell whether the billing system has said so already, before the phone manager did."""
    query = select(MeasureHeld.enrolled_at).where(
        MeasureHeld.subscriber_id == case.subscriber_id, MeasureHeld.measure == measure, MeasureHeld.ended_at.is_(None)
    )
    enrolled_at = connection.scalar(query)
    return enrolled_at is not None and enrolled_at >= case.opened_at
