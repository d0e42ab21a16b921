"""Whose customers and cases are whose, asked of the database itself."""

import pytest
from sqlalchemy import Engine, select, update

from stream_app.console.access.reach import (
    assigned_customer,
    case_in_reach,
    customer_in_reach,
    seen_cases,
    seen_customers,
)
from stream_app.console.access.viewer import Viewer
from stream_app.console.store.database import reading, writing
from stream_app.console.store.read_tables import Customer
from stream_app.console.store.work_tables import Book, Case
from tests.console.moments import START
from tests.console.web.seeding import BRANCH, CASES, OTHER_BRANCH, WHERE, seed

MANAGER, SUPERVISOR = (
    Viewer("u-li", "Li", "manager", BRANCH, "en", ""),
    Viewer("u-sun", "S", "supervisor", BRANCH, "en", ""),
)
IN_BRANCH = {"c-li", "c-wang", "c-held", "c-free"}
SEEN = {  # customers and cases of the seeded desk
    MANAGER: ({"c-li", "c-held"}, {"case-li"}),
    SUPERVISOR: (IN_BRANCH, {"case-li", "case-wang", "case-held", "case-free"}),
    SUPERVISOR._replace(branch_id=OTHER_BRANCH): ({"c-far"}, {"case-far"}),
    SUPERVISOR._replace(branch_id=None): (set(WHERE), set(CASES)),
    Viewer("u-boss", "B", "management", None, "en", ""): (set(), set()),
    Viewer("u-ops", "O", "operations", None, "en", ""): (set(), set()),
    Viewer("u-li", "Li", "anything", BRANCH, "en", ""): (set(), set()),
}


@pytest.fixture
def seeded(engine: Engine) -> Engine:
    """Give a database with people, customers and cases."""
    with writing(engine) as connection:
        seed(connection, START)
    return engine


def test_each_role_has_the_customers_and_cases_that_are_its_own(seeded: Engine) -> None:
    with reading(seeded) as connection:
        for viewer, (customers, cases) in SEEN.items():
            listed = connection.execute(select(Customer.subscriber_id).where(seen_customers(viewer))).scalars().all()
            assert (set(listed), len(listed)) == (customers, len(customers)), viewer
            listed = connection.execute(select(Case.case_id).where(seen_cases(viewer))).scalars().all()
            assert (set(listed), len(listed)) == (cases, len(cases)), viewer
            assert {key for key in WHERE if customer_in_reach(connection, viewer, key)} == customers
            assert {key for key in CASES if case_in_reach(connection, viewer, key)} == cases


def test_who_stands_in_has_the_customer_as_long_as_the_case_is_open(seeded: Engine) -> None:
    with writing(seeded) as connection:
        connection.execute(update(Case).where(Case.case_id == "case-wang").values(manager_id="u-li"))
        assert customer_in_reach(connection, MANAGER, "c-wang")
        assert case_in_reach(connection, MANAGER, "case-wang")
        assert assigned_customer(connection, MANAGER, "case-wang") == "c-wang"
        connection.execute(update(Case).where(Case.case_id == "case-wang").values(state="closed"))
        assert not customer_in_reach(connection, MANAGER, "c-wang")
        assert not case_in_reach(connection, MANAGER, "case-wang")
        assert assigned_customer(connection, MANAGER, "case-wang") is None


def test_who_gets_a_customer_into_the_book_has_their_cases_too_but_not_the_number(seeded: Engine) -> None:
    with writing(seeded) as connection:
        connection.execute(update(Book).where(Book.subscriber_id == "c-wang").values(manager_id="u-li"))
        assert case_in_reach(connection, MANAGER, "case-wang")
        assert assigned_customer(connection, MANAGER, "case-wang") is None


def test_who_has_no_branch_is_every_supervisor_s(seeded: Engine) -> None:
    with writing(seeded) as connection:
        connection.execute(update(Customer).where(Customer.subscriber_id == "c-far").values(branch_id=None))
        connection.execute(update(Case).where(Case.case_id == "case-far").values(branch_id=None))
        assert customer_in_reach(connection, SUPERVISOR, "c-far")
        assert case_in_reach(connection, SUPERVISOR, "case-far")
        assert not customer_in_reach(connection, MANAGER, "c-far")
