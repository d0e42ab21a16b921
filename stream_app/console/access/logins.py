"""Logging in: the limit, the password, the new session, and the log of it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Row, delete, select, update

from stream_app.console.access import audit, limits, sessions
from stream_app.console.access.passwords import hash_password, is_outdated, verify_password
from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import ApiToken
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import User


class Try(NamedTuple):
    """Somebody at the door; `at` is the wall clock's."""

    login: str
    password: str
    address: str
    at: datetime


class TooManyTriesError(Exception):
    """The login or the address has failed too often of late."""


class WrongPasswordError(Exception):
    """No such login, or not its password: which of the two is not said."""


def log_in(desk: Desk, given: Try, hours: int) -> sessions.Begun:
    """Begin a session for the right password. Raises TooManyTriesError, WrongPasswordError."""
    bounds = limits.limits(given.login, given.address)
    with writing(desk.engine) as connection:
        may_try = limits.take_a_try(connection, bounds, given.at)
    if not may_try:
        raise TooManyTriesError
    user = _user(desk, given.login)
    known_hash = user.password_hash if user is not None and user.is_active else None
    is_right = verify_password(known_hash, given.password)  # outside of any transaction: it takes its time
    with writing(desk.engine) as connection:
        if user is not None and known_hash is not None and is_right:
            limits.forgive(connection, bounds, given.at)
            _renew_hash(connection, user, given.password)
            audit.note(connection, desk, user.user_id, "login")
            return sessions.begin(connection, user.user_id, given.at, hours)
        audit.note(connection, desk, user.user_id if user else None, "login_refused")
    raise WrongPasswordError


def vouched(desk: Desk, login: str, at: datetime, hours: int) -> sessions.Begun:
    """Begin a session for whom the identity provider vouches. Raises WrongPasswordError for who is no user here."""
    user = _user(desk, login)
    with writing(desk.engine) as connection:
        if user is not None and user.is_active:
            audit.note(connection, desk, user.user_id, "login", by="oidc")
            return sessions.begin(connection, user.user_id, at, hours)
        audit.note(connection, desk, user.user_id if user else None, "login_refused", by="oidc")
    raise WrongPasswordError


def check_password(desk: Desk, user_id: str, password: str, address: str, at: datetime) -> None:
    """Make sure that a user who is logged in knows the password. Raises TooManyTriesError, WrongPasswordError."""
    bounds = limits.limits(asked_again(user_id), address)
    with writing(desk.engine) as connection:
        may_try = limits.take_a_try(connection, bounds, at)
        known = connection.execute(select(User.password_hash).where(User.user_id == user_id)).scalar_one()
    if not may_try:
        raise TooManyTriesError
    if not verify_password(known, password):
        raise WrongPasswordError
    with writing(desk.engine) as connection:
        limits.forgive(connection, bounds, at)


def asked_again(user_id: str) -> str:
    """Name what is counted where a user who is logged in is asked for the password; no login has a space in it."""
    return f"again {user_id}"


def change_password(connection: Connection, desk: Desk, user_id: str, password: str) -> None:
    """Set a password, end all of the user's sessions, and revoke the API tokens. Raises WeakPasswordError."""
    connection.execute(update(User).where(User.user_id == user_id).values(password_hash=hash_password(password)))
    sessions.end_all(connection, user_id)
    revoked = connection.execute(delete(ApiToken).where(ApiToken.user_id == user_id)).rowcount
    audit.note(connection, desk, user_id, "password_changed", tokens_revoked=revoked)


def _user(desk: Desk, login: str) -> Row[str, str | None, bool] | None:
    with reading(desk.engine) as connection:
        found = select(User.user_id, User.password_hash, User.is_active).where(User.login == login)
        return connection.execute(found).one_or_none()


def _renew_hash(connection: Connection, user: Row[str, str | None, bool], password: str) -> None:
    if user.password_hash is not None and is_outdated(user.password_hash):
        renewed = hash_password(password)
        connection.execute(update(User).where(User.user_id == user.user_id).values(password_hash=renewed))
