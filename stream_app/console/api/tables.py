"""Which tables are exported to whom, and which rows and columns of them.

Rule: every table of the desk is named here, or among those that nobody gets: a new one is decided on, not forgotten.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, or_, select, true

from stream_app.console.access.reach import seen_cases, seen_customers
from stream_app.console.access.viewer import Role, Viewer
from stream_app.console.figures.inputs import STATE
from stream_app.console.figures.stored import of_branch
from stream_app.console.store import access_tables, read_tables, work_tables
from stream_app.console.store.base import Table
from stream_app.console.store.read_tables import Customer
from stream_app.console.store.work_tables import Case, CohortMember, Delivery, Figure, Script, User

Rows = Callable[[Viewer], ColumnElement[bool]]
Reword = Callable[[Viewer, Any], Any]

# Secrets, or what is nobody's to read: sessions, tokens, requests under a key, failed logins.
NEVER: Final = frozenset({"sessions", "api_tokens", "api_requests", "login_attempts"})


class Export(NamedTuple):
    """A table, who gets it, which rows, without which columns, and columns that hold another value for each viewer."""

    table: type[Table]
    roles: tuple[Role, ...]
    rows: Rows
    without: frozenset[str] = frozenset()
    reworded: Mapping[str, Reword] = {}


def _all(_viewer: Viewer) -> ColumnElement[bool]:
    return true()


def _of_customers(table: type[Table]) -> Rows:
    column = table.__table__.c.subscriber_id

    def rows(viewer: Viewer) -> ColumnElement[bool]:
        if viewer.role == "supervisor" and viewer.branch_id is None:
            return true()  # of all, those too that are not known as customers
        return column.in_(select(Customer.subscriber_id).where(seen_customers(viewer)))

    return rows


def _of_cases(table: type[Table]) -> Rows:
    column = table.__table__.c.case_id

    def rows(viewer: Viewer) -> ColumnElement[bool]:
        return column.in_(select(Case.case_id).where(seen_cases(viewer)))

    return rows


def _own_branch(viewer: Viewer) -> ColumnElement[bool]:
    return true() if viewer.branch_id is None else CohortMember.branch_id == viewer.branch_id


def _staff(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.role == "operations" or viewer.branch_id is None:
        return true()
    return User.branch_id == viewer.branch_id


def _told(viewer: Viewer) -> ColumnElement[bool]:
    return true() if viewer.role == "operations" else Delivery.user_id == viewer.user_id


def _scripts(viewer: Viewer) -> ColumnElement[bool]:
    return or_(Script.is_shared, Script.user_id == viewer.user_id)


def _figures(_viewer: Viewer) -> ColumnElement[bool]:
    return Figure.name != STATE


def _figure_of(viewer: Viewer, value: Any) -> Any:  # noqa: ANN401 - whatever the figure holds
    return value if viewer.branch_id is None else of_branch(value, viewer.branch_id)


CALLERS: Final[tuple[Role, ...]] = ("manager", "supervisor")
OVERSEERS: Final[tuple[Role, ...]] = ("supervisor", "management")
OPERATORS: Final[tuple[Role, ...]] = ("operations",)


def _known() -> list[Export]:
    of_customers = (
        read_tables.Customer, read_tables.MonthRow, read_tables.TierChange, read_tables.RiskChange, read_tables.Outcome,
        read_tables.MeasureHeld, read_tables.MeasureChange, read_tables.NetworkChange, read_tables.Sign,
        work_tables.Book,
    )  # fmt: skip
    return [
        *(Export(table, CALLERS, _of_customers(table)) for table in of_customers),
        Export(work_tables.Case, CALLERS, seen_cases),
        Export(work_tables.CaseEvent, CALLERS, _of_cases(work_tables.CaseEvent)),
        Export(work_tables.Contact, CALLERS, _of_cases(work_tables.Contact)),
        Export(work_tables.Script, CALLERS, _scripts),
        Export(work_tables.Delivery, (*CALLERS, *OPERATORS), _told),
        Export(work_tables.Figure, OVERSEERS, _figures, reworded={"value": _figure_of}),
        Export(work_tables.Cohort, OVERSEERS, _all),
        Export(work_tables.CohortMember, ("supervisor",), _own_branch),
        Export(work_tables.User, ("supervisor", *OPERATORS), _staff, frozenset({"password_hash", "channels"})),
        Export(access_tables.AuditEntry, OPERATORS, _all),
        Export(work_tables.OutboxRecord, OPERATORS, _all),
        Export(work_tables.ActedFact, OPERATORS, _all),
        Export(read_tables.Position, OPERATORS, _all),
    ]


EXPORTS: Final[Mapping[str, Export]] = {export.table.__tablename__: export for export in _known()}


def exports_for(role: str) -> list[str]:
    """Name the tables that a role may export."""
    return sorted(name for name, export in EXPORTS.items() if role in export.roles)
