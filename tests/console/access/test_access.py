"""Passwords, sessions, limits and the log, by themselves."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, func, insert, select, update

from stream_app.console.access import audit, limits, logins, sessions
from stream_app.console.access.limits import WINDOW
from stream_app.console.access.limits import limits as bounds_of
from stream_app.console.access.passwords import (
    GREATEST_LENGTH,
    WeakPasswordError,
    _hash_of_nobody,
    hash_password,
    is_outdated,
    verify_password,
)
from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import AuditEntry, LoginAttempt, Session
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import User
from tests.console.moments import START

OLD = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1)
PASSWORD = "correct horse battery"  # noqa: S105 - of the test's people alone
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def add_user(engine: Engine, password_hash: str | None, login: str = "li") -> None:
    row = {"user_id": f"u-{login}", "login": login, "name": "Li", "role": "manager", "created_at": START}
    with writing(engine) as connection:
        connection.execute(insert(User).values({**row, "password_hash": password_hash, "branch_id": "chengdu"}))


def test_a_password_is_told_by_its_hash_and_no_other_is() -> None:
    known = hash_password(PASSWORD)
    assert known.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(known, PASSWORD)
    assert not verify_password(known, PASSWORD + " ")
    assert hash_password(PASSWORD) != known


@pytest.mark.parametrize("known", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$x$y"])
def test_without_a_hash_that_can_be_read_nobody_comes_in(known: str | None) -> None:
    assert not verify_password(known, PASSWORD)


def test_a_login_that_does_not_exist_is_worked_on_as_one_that_does() -> None:
    assert not is_outdated(_hash_of_nobody())  # it costs what a hash of today's parameters costs
    assert _hash_of_nobody() is _hash_of_nobody()  # and is made once, not with each try


@pytest.mark.parametrize("password", ["", "ninechars", "x" * (GREATEST_LENGTH + 1)])
def test_a_password_too_short_or_too_long_is_refused_in_words(password: str) -> None:
    with pytest.raises(WeakPasswordError, match="characters or"):
        hash_password(password)


def test_a_hash_of_other_parameters_is_outdated() -> None:
    assert is_outdated(OLD.hash(PASSWORD))
    assert not is_outdated(hash_password(PASSWORD))


def test_a_login_makes_an_outdated_hash_anew(desk: Desk, engine: Engine) -> None:
    add_user(engine, OLD.hash(PASSWORD))
    logins.log_in(desk, logins.Try("li", PASSWORD, "127.0.0.1", START), 12)
    with reading(engine) as connection:
        renewed = connection.execute(select(User.password_hash)).scalar_one()
    assert renewed is not None
    assert not is_outdated(renewed)
    assert verify_password(renewed, PASSWORD)


@on_sqlite
def test_who_logs_in_elsewhere_alone_has_no_password_here(desk: Desk, engine: Engine) -> None:
    add_user(engine, None)
    with pytest.raises(logins.WrongPasswordError):
        logins.log_in(desk, logins.Try("li", PASSWORD, "127.0.0.1", START), 12)
    with reading(engine) as connection:
        assert connection.execute(select(AuditEntry.action, AuditEntry.user_id)).all() == [("login_refused", "u-li")]


def test_a_session_lasts_its_hours_and_those_that_are_over_are_cleared_away(engine: Engine) -> None:
    add_user(engine, None)
    with writing(engine) as connection:
        begun = sessions.begin(connection, "u-li", START, 12)
        found = sessions.find(connection, begun.secret, START + timedelta(hours=11, minutes=59))
        assert found
        assert (found.user_id, found.role, found.branch_id, found.language) == ("u-li", "manager", "chengdu", "zh")
        assert sessions.find(connection, begun.secret, START + timedelta(hours=12)) is None
        assert sessions.find(connection, "another", START) is None
        sessions.begin(connection, "u-li", START + timedelta(hours=13), 12)
        assert connection.execute(select(func.count()).select_from(Session)).scalar_one() == 1


def test_all_sessions_of_a_user_end_together_and_nobody_else_s(engine: Engine) -> None:
    add_user(engine, None)
    add_user(engine, None, "wang")
    with writing(engine) as connection:
        secrets = [sessions.begin(connection, user, START, 12).secret for user in ("u-li", "u-li", "u-wang")]
        sessions.end_all(connection, "u-li")
        left = [sessions.find(connection, secret, START) is not None for secret in secrets]
        assert left == [False, False, True]
        sessions.end(connection, secrets[2])
        assert sessions.find(connection, secrets[2], START) is None


def test_who_is_switched_off_has_no_session(engine: Engine) -> None:
    add_user(engine, None)
    with writing(engine) as connection:
        begun = sessions.begin(connection, "u-li", START, 12)
        connection.execute(update(User).values(is_active=False))
        assert sessions.find(connection, begun.secret, START) is None


def test_the_window_slides_and_what_is_turned_away_is_not_counted(engine: Engine) -> None:
    bounds = bounds_of("Li", "192.0.2.1")
    assert bounds == bounds_of("li", "192.0.2.1")  # however it is written
    with writing(engine) as connection:
        tried = [limits.take_a_try(connection, bounds, START + timedelta(minutes=minute)) for minute in range(7)]
        assert tried == [True] * 5 + [False] * 2
        assert not limits.take_a_try(connection, bounds, START + WINDOW - timedelta(seconds=1))
        assert limits.take_a_try(connection, bounds, START + WINDOW)
        assert not limits.take_a_try(connection, bounds, START + WINDOW + timedelta(seconds=59))
        assert limits.take_a_try(connection, bounds, START + WINDOW + timedelta(minutes=1))


def test_a_stranger_elsewhere_does_not_lock_the_owner_of_a_login_out(engine: Engine) -> None:
    with writing(engine) as connection:
        tried = [limits.take_a_try(connection, bounds_of("li", "192.0.2.1"), START) for _ in range(6)]
        assert tried == [True] * 5 + [False]
        assert limits.take_a_try(connection, bounds_of("li", "192.0.2.2"), START)


def test_a_login_guessed_at_from_everywhere_is_barred_in_the_end(engine: Engine) -> None:
    with writing(engine) as connection:
        tried = [limits.take_a_try(connection, bounds_of("li", f"192.0.2.{each}"), START) for each in range(51)]
        assert tried == [True] * 50 + [False]
        assert limits.take_a_try(connection, bounds_of("wang", "192.0.2.1"), START)


def test_what_a_login_failed_is_forgotten_wherever_it_was_and_no_other_s(engine: Engine) -> None:
    with writing(engine) as connection:
        for login in ("li", "li.na", "l_"):
            assert limits.take_a_try(connection, bounds_of(login, "192.0.2.1"), START)
        limits.forget(connection, "l_")  # no pattern
        limits.forget(connection, "Li")
        rows = connection.execute(select(LoginAttempt.whose).order_by(LoginAttempt.attempt_no)).scalars().all()
    assert set(rows) == {"address:192.0.2.1", "login:li.na", "login:li.na 192.0.2.1"}


def test_an_address_is_barred_whatever_logins_it_guesses_and_other_addresses_are_not(engine: Engine) -> None:
    with writing(engine) as connection:
        tried = [limits.take_a_try(connection, bounds_of(f"guess{each}", "192.0.2.1"), START) for each in range(51)]
        assert tried == [True] * 50 + [False]
        assert limits.take_a_try(connection, bounds_of("li", "192.0.2.2"), START)


def test_the_right_password_takes_back_what_failed_here_and_leaves_the_rest(engine: Engine) -> None:
    bounds = bounds_of("li", "192.0.2.1")
    with writing(engine) as connection:
        for second in range(5):
            assert limits.take_a_try(connection, bounds, START + timedelta(seconds=second))
        limits.forgive(connection, bounds, START + timedelta(seconds=4))
        rows = connection.execute(select(LoginAttempt.whose).order_by(LoginAttempt.whose)).scalars().all()
    assert rows == ["address:192.0.2.1"] * 4 + ["login:li"] * 4


def test_the_log_says_who_when_what_and_of_whom(desk: Desk, engine: Engine) -> None:
    with writing(engine) as connection:
        audit.note(connection, desk, "u-li", "customer_seen", "c-li", case_id="case", count=3, first=None)
        row = connection.execute(select(AuditEntry)).one()
    assert (row.at, row.user_id, row.action, row.subscriber_id) == (START, "u-li", "customer_seen", "c-li")
    assert row.detail == {"case_id": "case", "count": 3, "first": None}
