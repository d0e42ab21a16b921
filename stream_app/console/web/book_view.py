"""The book: whose customers they are, those at risk first; a manager's own, a supervisor's branch's."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, func, select

from stream_app.console.access.reach import seen_cases, seen_customers
from stream_app.console.access.viewer import Viewer
from stream_app.console.store.read_tables import Customer
from stream_app.console.store.work_tables import Book, Case, User

A_PAGE = 50
LAST_PAGE = 2_000  # further down nobody looks, and each page is as dear as all before it


class Wanted(NamedTuple):
    """What is looked for: ids that begin so, a level of risk or more, and which page."""

    find: str = ""
    level: int = 0
    page: int = 1


class BookPage(NamedTuple):
    """A page of the book; `customers` have the phone manager's name and the case that is not closed."""

    customers: Sequence[Row[Any]]
    total: int
    wanted: Wanted

    @property
    def has_more(self) -> bool:
        """Say whether there is a next page."""
        return self.total > self.wanted.page * A_PAGE and self.wanted.page < LAST_PAGE


def read_book(connection: Connection, viewer: Viewer, wanted: Wanted) -> BookPage:
    """Read a page of the customers that somebody may see: by risk, then by ARPU."""
    where = [seen_customers(viewer), Customer.risk_level >= wanted.level]
    if wanted.find:
        where.append(Customer.subscriber_id.startswith(wanted.find, autoescape=True))
    unclosed = and_(Case.subscriber_id == Customer.subscriber_id, Case.state != "closed", seen_cases(viewer))
    columns = (*Customer.__table__.c, User.name.label("manager"), Book.do_not_call, Case.case_id, Case.state)
    found = (
        select(*columns)
        .outerjoin(Book, Book.subscriber_id == Customer.subscriber_id)
        .outerjoin(User, User.user_id == Book.manager_id)
        .outerjoin(Case, unclosed)
        .where(*where)
        .order_by(
            Customer.risk_level.desc(), Customer.risk_score.desc(), Customer.arpu_fen.desc(), Customer.subscriber_id
        )
        .limit(A_PAGE)
        .offset((wanted.page - 1) * A_PAGE)
    )
    total = connection.scalar(select(func.count()).select_from(Customer).where(*where)) or 0
    return BookPage(connection.execute(found).all(), total, wanted)
