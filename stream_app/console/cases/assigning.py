"""Cases -> the phone managers who call: by the rules of `core.desk.assignment`, or by a supervisor's hand.

Rule: whose customer it is stands in the book; who stands in for one who is away does not get the customer.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, select

from stream_app.console.cases import books, rows
from stream_app.console.cases.announce import announce
from stream_app.console.cases.crew import Crew, crew, is_away, worker
from stream_app.console.cases.refused import Refused, Why
from stream_app.console.cases.rows import Query
from stream_app.console.cases.texts import remark
from stream_app.console.desk import Desk
from stream_app.console.store.database import writing
from stream_app.console.store.work_tables import Book, Case, User
from stream_app.core.desk import calling
from stream_app.core.desk.assignment import Wanted, serves
from stream_app.core.desk.course import CaseState, Happened
from stream_app.core.desk.heard import ground

AT_ONCE = 500  # cases; a query names them


class _Move(NamedTuple):
    """Who had a case, who is given it, and whether the customer moves with it."""

    before: str | None
    to: str | None
    is_for_good: bool = False


_Moves = Mapping[str, _Move]  # by case


class By(NamedTuple):
    """Whose word it is: the desk's own (None) or somebody's, with a note; and whom it takes the cases from."""

    user_id: str | None = None
    note: str = ""
    why: str = ""
    from_user_id: str | None = None


DESK = By()


class HandedOver(NamedTuple):
    """How many cases of somebody went to others, and how many stay, as nobody else can take them."""

    moved: int
    kept: int = 0


def assign_waiting(connection: Connection, desk: Desk, case_ids: Sequence[str] | None = None) -> int:
    """Give open cases that nobody has to who can call, the most urgent first; all of them, or some.

    Gives how many found somebody; the others wait for the supervisor, or for room.
    """
    query = _wanting().where(Case.state == "open", Case.manager_id.is_(None))
    if case_ids is None:
        return _distribute(connection, desk, query)
    parts = [case_ids[start : start + AT_ONCE] for start in range(0, len(case_ids), AT_ONCE)]
    return sum(_distribute(connection, desk, query.where(Case.case_id.in_(part))) for part in parts)


def hand_over(
    desk: Desk, from_user_id: str, by_user_id: str, note: str = "", to_user_id: str | None = None
) -> HandedOver:
    """Hand the open cases of a phone manager over, to one or to whom the rules choose among the others.

    Those that nobody else can take stay where they are.

    Raises Refused where it is not a supervisor of the branch, or the other one is away.
    """
    by = By(by_user_id, remark(note), "by_hand", from_user_id)
    with writing(desk.engine) as connection:
        given = connection.execute(select(User.branch_id).where(User.user_id == from_user_id)).one_or_none()
        if given is None:
            raise Refused(Why.NO_USER)
        if not worker(connection, by_user_id).oversees(given.branch_id):
            raise Refused(Why.NOT_ALLOWED)
        query = _wanting().where(Case.state == "open", Case.manager_id == from_user_id)
        return _pass_on(connection, desk, query, by, to_user_id)


def hand_over_of_who_is_gone(connection: Connection, desk: Desk) -> int:
    """Hand the open cases of who left or is away today over to others; gives how many.

    Those that nobody can take are nobody's from then on: they are the supervisor's to see, and wait for room.
    """
    theirs = _wanting().join(User, User.user_id == Case.manager_id).where(Case.state == "open")
    whose = {"left": ~User.is_active, "absent": and_(User.is_active, is_away(desk))}
    return sum(_take_away(connection, desk, theirs.where(who), By(why=why)) for why, who in whose.items())


def assign(desk: Desk, case_id: str, by_user_id: str, to_user_id: str, version: int, note: str = "") -> None:
    """Give a case to a phone manager by a supervisor's hand; the customer becomes theirs. Raises Refused."""
    said = remark(note)
    with writing(desk.engine) as connection:
        case = changeable(connection, case_id, version)
        if not worker(connection, by_user_id).oversees(case.branch_id):
            raise Refused(Why.NOT_ALLOWED)
        _check_can_serve(crew(connection, desk), to_user_id, case)
        moves = {case_id: _Move(case.manager_id, to_user_id, is_for_good=True)}
        _renew(case, desk)
        _carry_out(connection, desk, [case], moves, By(by_user_id, said, "by_hand"))


def changeable(connection: Connection, case_id: str, version: int) -> CaseState:
    """Give a case that somebody saw in a version, to change it; raises Refused."""
    case = rows.open_for_change(connection, case_id)
    if case is None:
        raise Refused(Why.NO_CASE)
    if case.state in {"closed", "held_out"}:
        raise Refused(Why.CLOSED if case.state == "closed" else Why.HELD_OUT)
    if case.version != version:
        raise Refused(Why.STALE)
    return case


def _check_can_serve(staff: Crew, user_id: str, case: CaseState) -> None:
    found = staff.of(user_id)
    if found is None or not found.is_present:
        raise Refused(Why.AWAY)
    if not serves(found, Wanted(case.subscriber_id, case.branch_id, case.tier)):
        raise Refused(Why.NOT_SERVED)


def _renew(case: CaseState, desk: Desk) -> None:
    """Give a case that was escalated a new start."""
    if case.escalated_at is None:
        return
    now = desk.now()
    case.escalated_at, case.attempts, case.not_before_at = None, 0, None
    case.due_at = max(case.due_at, calling.due_at(case.reasons, case.tier, now, ground(desk.policies, now)))


def _wanting() -> Query:
    wants = (Case.subscriber_id, Case.branch_id, Case.tier, Book.manager_id.label("kept_by"))
    query = select(Case.case_id, Case.manager_id, *wants).outerjoin(Book, Book.subscriber_id == Case.subscriber_id)
    return query.order_by(Case.due_at, Case.level.desc(), Case.score.desc(), Case.case_id)


def _distribute(connection: Connection, desk: Desk, query: Query) -> int:
    wanting = connection.execute(query).all()
    if not wanting:
        return 0
    moves = _by_the_rules(crew(connection, desk), wanting)
    return _lock_and_carry_out(connection, desk, moves, DESK)


def _by_the_rules(staff: Crew, wanting: Sequence[Any]) -> _Moves:
    moves = {}
    for case_id, before, *wants in wanting:
        wanted = Wanted(*wants)
        to = staff.choose(wanted)
        moves[case_id] = _Move(before, to, to is not None and staff.moves_for_good(wanted))
    return moves


def _take_away(connection: Connection, desk: Desk, query: Query, by: By) -> int:
    wanting = connection.execute(query).all()
    if not wanting:
        return 0
    return _lock_and_carry_out(connection, desk, _by_the_rules(crew(connection, desk), wanting), by, give_up=True)


def _pass_on(connection: Connection, desk: Desk, query: Query, by: By, to_user_id: str | None) -> HandedOver:
    wanting = connection.execute(query).all()
    if not wanting:
        return HandedOver(0)
    staff = crew(connection, desk)
    if by.from_user_id is not None:
        staff.leave_out(by.from_user_id)
    moves = _by_the_rules(staff, wanting) if to_user_id is None else _by_hand(staff, wanting, to_user_id)
    moved = _lock_and_carry_out(connection, desk, moves, by)
    return HandedOver(moved, len(wanting) - moved)


def _by_hand(staff: Crew, wanting: Sequence[Any], to_user_id: str) -> _Moves:
    found = staff.of(to_user_id)
    if found is None or not found.is_present:
        raise Refused(Why.AWAY)
    able = [row for row in wanting if serves(found, Wanted(*row[2:]))]
    return {row.case_id: _Move(row.manager_id, to_user_id, is_for_good=True) for row in able}


def _lock_and_carry_out(connection: Connection, desk: Desk, moves: _Moves, by: By, *, give_up: bool = False) -> int:
    """Move cases that are still as they were; `give_up`: those that find nobody are nobody's then."""
    ids = [case_id for case_id, move in moves.items() if move.before != move.to and (move.to is not None or give_up)]
    moved = 0
    for start in range(0, len(ids), AT_ONCE):
        query = rows.select_cases().where(Case.case_id.in_(ids[start : start + AT_ONCE]), Case.state == "open")
        cases = rows.find(connection, query.order_by(Case.case_id).with_for_update())
        cases = [case for case in cases if case.manager_id == moves[case.case_id].before]
        _carry_out(connection, desk, cases, moves, by)
        moved += len(cases)
    return moved


def _carry_out(connection: Connection, desk: Desk, cases: Sequence[CaseState], moves: _Moves, by: By) -> None:
    now, happened = desk.now(), list[Happened]()
    for case in cases:
        before, case.manager_id = case.manager_id, moves[case.case_id].to
        case.assigned_at = None if case.manager_id is None else now
        kind = "assigned" if before is None else "handed_over"
        happened.append(Happened(case.case_id, now, kind, _told(before, case.manager_id, by)))
    rows.update_cases(connection, cases)
    rows.log(connection, happened, by.user_id, by.note)
    kept = {case.subscriber_id: case.manager_id for case in cases if moves[case.case_id].is_for_good}
    books.keep(connection, kept, now)
    for case, entry in zip(cases, happened, strict=True):
        if case.manager_id is not None:
            announce(connection, desk, case, "assigned" if entry.kind == "assigned" else "handed_over")


def _told(before: str | None, after: str | None, by: By) -> dict[str, Any]:
    told = {"from": before, "to": after, "why": by.why}
    return {name: value for name, value in told.items() if value not in {None, ""} or name == "to"}
