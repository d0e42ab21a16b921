"""Cases as rows, and back; every change of a case is written with one more `version` and a line in its log."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Select, bindparam, insert, select, update

from stream_app.console.cases.hearing import instant
from stream_app.console.store.database import ROWS_AT_ONCE
from stream_app.console.store.work_tables import Case, CaseEvent
from stream_app.core.desk.course import CaseState, Happened
from stream_app.core.desk.heard import Reason
from stream_app.wire.instants import write_instant

Query = Select[*tuple[Any, ...]]
FIELDS = CaseState.__struct_fields__
COLUMNS = [Case.__table__.c[name] for name in FIELDS]
KEYS = ("kind", "fact_id", "occurred_at")


def select_cases() -> Query:
    """Begin a query for whole cases."""
    return select(*COLUMNS)


def state_of(row: Mapping[str, Any]) -> CaseState:
    """Read a case from its row."""
    given = {name: row[name] for name in FIELDS}
    given["reasons"] = tuple(map(reason_of, given["reasons"]))
    for name in ("suggested_measures", "offers"):
        given[name] = tuple(given[name])
    return CaseState(**given)


def row_of(case: CaseState) -> dict[str, Any]:
    """Write a case as its row."""
    return structs.asdict(case) | {
        "reasons": list(map(reason_object, case.reasons)),
        "suggested_measures": list(case.suggested_measures),
        "offers": list(map(dict, case.offers)),
    }


def reason_of(told: Mapping[str, Any]) -> Reason:
    """Read a reason from its JSON object."""
    says = {name: value for name, value in told.items() if name not in KEYS}
    return Reason(told["kind"], told["fact_id"], instant(told["occurred_at"]), says)


def reason_object(reason: Reason) -> dict[str, Any]:
    """Write a reason as a JSON object."""
    return {
        "kind": reason.kind,
        "fact_id": reason.fact_id,
        "occurred_at": write_instant(reason.occurred_at),
        **reason.says,
    }


def find(connection: Connection, query: Query) -> list[CaseState]:
    """Give the cases that a query of `select_cases` finds."""
    return [state_of(dict(row)) for row in connection.execute(query).mappings()]


def open_for_change(connection: Connection, case_id: str) -> CaseState | None:
    """Give a case that nobody else changes until the transaction ends."""
    found = find(connection, select_cases().where(Case.case_id == case_id).with_for_update())
    return found[0] if found else None


def insert_cases(connection: Connection, cases: Sequence[CaseState]) -> None:
    """Write new cases, in their order."""
    rows = list(map(row_of, cases))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(insert(Case), rows[start : start + ROWS_AT_ONCE])


def update_cases(connection: Connection, cases: Sequence[CaseState]) -> None:
    """Write cases that changed, each with one more version."""
    for case in cases:
        case.version += 1
    if cases:
        rows = [{f"new_{name}": value for name, value in row_of(case).items()} for case in cases]
        columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in FIELDS if name != "case_id"}
        connection.execute(update(Case).where(Case.case_id == bindparam("new_case_id")).values(columns), rows)


def log(connection: Connection, entries: Sequence[Happened], user_id: str | None = None, note: str = "") -> None:
    """Write what happened into the cases' logs."""
    rows = [{**entry._asdict(), "detail": dict(entry.detail), "user_id": user_id, "note": note} for entry in entries]
    if rows:
        connection.execute(insert(CaseEvent), rows)
