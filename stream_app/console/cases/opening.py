"""Facts that call for action -> cases; the projector calls it in the transaction that writes what they say.

Rule: what a fact does is decided in `core.desk.course`; a fact that was acted on is remembered, and does nothing again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from stream_app.console.cases import assigning, rows
from stream_app.console.cases.announce import announce
from stream_app.console.cases.hearing import hear
from stream_app.console.cases.knowing import Knowledge, know
from stream_app.console.desk import Desk
from stream_app.console.store.work_tables import ActedFact, Case
from stream_app.core.desk import calling, course
from stream_app.core.desk.course import CaseState, Happened
from stream_app.core.desk.heard import Ground, Heard, ground

AT_ONCE = 1000  # facts; a query names their customers


def act(connection: Connection, desk: Desk, facts: Sequence[Mapping[str, Any]]) -> None:
    """Open, extend, clear and close cases as facts say, in their order; those acted on before change nothing."""
    heard = [found for fact in facts if (found := hear(fact)) is not None]
    for start in range(0, len(heard), AT_ONCE):
        _act(connection, desk, heard[start : start + AT_ONCE])


@dataclass
class _Work:
    """The cases of a batch's customers, and what happens to them."""

    knowledge: Knowledge
    ground: Ground
    standing: dict[str, CaseState]  # by customer: the case that is not closed
    ended: dict[str, CaseState]  # by customer: the last one closed with a result
    ids: set[str]  # of these facts, that had opened cases before
    opened: dict[str, CaseState] = field(default_factory=dict)
    changed: dict[str, CaseState] = field(default_factory=dict)
    happened: list[Happened] = field(default_factory=list)
    acted: list[tuple[Heard, str | None]] = field(default_factory=list)


def _act(connection: Connection, desk: Desk, heard: Sequence[Heard]) -> None:
    new = list(_not_acted_on(connection, heard))
    if not new:
        return
    work = _lay_out(connection, desk, new)
    for each in new:
        _hear(work, each)
    _write(connection, work)
    wanting = [case.case_id for case in (*work.opened.values(), *work.changed.values()) if _wants_somebody(case)]
    assigning.assign_waiting(connection, desk, wanting)
    for case in _with_news(work):
        announce(connection, desk, case, "assigned")


def _with_news(work: _Work) -> Iterator[CaseState]:
    """Give the cases that somebody has had already, and that hurry now."""
    ids = {entry.case_id for entry in work.happened if entry.detail.get("news")}
    return (work.changed[each] for each in sorted(ids & work.changed.keys()) if _is_somebodys(work.changed[each]))


def _is_somebodys(case: CaseState) -> bool:
    return case.state == "open" and case.manager_id is not None


def _wants_somebody(case: CaseState) -> bool:
    return case.state == "open" and case.manager_id is None


def _not_acted_on(connection: Connection, heard: Sequence[Heard]) -> Iterator[Heard]:
    ids = [each.fact_id for each in heard]
    seen = set(connection.scalars(select(ActedFact.fact_id).where(ActedFact.fact_id.in_(ids))))
    for each in heard:
        if each.fact_id not in seen:
            seen.add(each.fact_id)
            yield each


def _lay_out(connection: Connection, desk: Desk, heard: Sequence[Heard]) -> _Work:
    subscribers = sorted({each.subscriber_id for each in heard})
    now = desk.now()
    stands_on = ground(desk.policies, now)
    theirs = rows.select_cases().where(Case.subscriber_id.in_(subscribers))
    unclosed = rows.find(connection, theirs.where(Case.state != "closed").order_by(Case.case_id).with_for_update())
    earliest = min(each.occurred_at for each in heard) - timedelta(days=stands_on.desk.rest_days)
    over = rows.find(connection, theirs.where(Case.close_reason.in_(calling.RESULTS), Case.closed_at >= earliest))
    over.sort(key=lambda case: (case.closed_at or now, case.case_id))
    ids = [each.fact_id for each in heard]
    return _Work(
        know(connection, desk, subscribers),
        stands_on,
        {case.subscriber_id: case for case in unclosed},
        {case.subscriber_id: case for case in over},
        set(connection.scalars(select(Case.case_id).where(Case.case_id.in_(ids)))),
    )


def _hear(work: _Work, heard: Heard) -> None:
    case = work.standing.get(heard.subscriber_id)
    touched = None if case is None else _continue(work, case, heard)
    if heard.subscriber_id not in work.standing:
        touched = _open(work, heard) or touched
    work.acted.append((heard, touched))


def _continue(work: _Work, case: CaseState, heard: Heard) -> str | None:
    """Let a case take a fact in; gives its id where it did."""
    happened = course.hear(case, heard, work.knowledge.of(heard), work.ground)
    if not happened:
        return None
    work.happened += happened
    if case.case_id not in work.opened:
        work.changed[case.case_id] = case
    if case.state == "closed":
        del work.standing[case.subscriber_id]
    if case.close_reason in calling.RESULTS:
        work.ended[case.subscriber_id] = case
    return case.case_id


def _open(work: _Work, heard: Heard) -> str | None:
    """Open a case where the fact calls for one; gives its id."""
    known = work.knowledge.of(heard)
    call = calling.call_for(heard, known, work.ground)
    ended = work.ended.get(heard.subscriber_id)
    last = None if ended is None else ended.ended
    if call is None or heard.fact_id in work.ids or not calling.may_open(call, heard, last, work.ground):
        return None
    case, happened = course.open_case(call, heard, known, work.ground)
    work.happened += happened
    work.opened[case.case_id] = case
    work.standing[heard.subscriber_id] = case
    return case.case_id


def _write(connection: Connection, work: _Work) -> None:
    rows.update_cases(connection, list(work.changed.values()))  # first: what they close makes room for what is opened
    rows.insert_cases(connection, list(work.opened.values()))
    rows.log(connection, work.happened)
    acted = [
        {
            "fact_id": heard.fact_id,
            "subscriber_id": heard.subscriber_id,
            "case_id": case_id,
            "occurred_at": heard.occurred_at,
        }
        for heard, case_id in work.acted
    ]
    connection.execute(insert(ActedFact), acted)
