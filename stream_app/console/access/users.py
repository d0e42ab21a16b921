"""Making and changing who can log in, as `stream-app desk user` does it; passwords come in, hashes are kept."""

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from stream_app.console.access import audit, limits, logins
from stream_app.console.access.passwords import hash_password
from stream_app.console.access.viewer import ROLES
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import User

LOGIN = re.compile(r"[A-Za-z0-9._@-]{1,100}")
LANGUAGES = ("zh", "en")
OF_THE_BROWSER = ""  # no language of their own: pages follow the browser
OWN_OR_NOT = {*LANGUAGES, OF_THE_BROWSER}
ID_BYTES = 8


class UserError(ValueError):
    """A user cannot be made or changed so; the message says why."""


class NewUser(NamedTuple):
    """Somebody to be let in; without a branch they see all, without tiers they serve all."""

    login: str
    name: str
    role: str
    branch_id: str | None = None
    tiers: Sequence[str] = ()
    capacity_a_day: int | None = None
    language: str = "zh"


def add_user(desk: Desk, new: NewUser, password: str) -> str:
    """Let somebody in; give their id. Raises UserError or WeakPasswordError, both a ValueError, in words."""
    _check(desk, new)
    user_id = f"u{secrets.token_hex(ID_BYTES)}"
    row = new._asdict() | {
        "user_id": user_id,
        "tiers": list(new.tiers),
        "password_hash": hash_password(password),
        "created_at": desk.now(),
    }
    try:
        with writing(desk.engine) as connection:
            connection.execute(insert(User).values(row))
            audit.note(connection, desk, None, "user_added", login=new.login, role=new.role)
    except IntegrityError:
        message = f"login {new.login!r} is taken: choose another"
        raise UserError(message) from None
    return user_id


def all_users(desk: Desk) -> Sequence[Row[tuple[User]]]:
    """List everybody, without their passwords' hashes."""
    table = User.__table__.c
    wanted = [column for column in table if column.name != "password_hash"]
    with reading(desk.engine) as connection:
        return connection.execute(select(*wanted).order_by(User.role, User.login)).all()


def set_password(desk: Desk, login: str, password: str) -> None:
    """Give a user another password: sessions end, tokens are revoked, failed logins forgotten.

    Raises UserError, WeakPasswordError.
    """

    def change(connection: Connection, user_id: str) -> None:
        logins.change_password(connection, desk, user_id, password)
        for whose in (login, logins.asked_again(user_id)):
            limits.forget(connection, whose)

    _change(desk, login, change)


def set_absence(desk: Desk, login: str, first_on: date | None, back_on: date | None) -> None:
    """Have a user be absent from a day until the day they are back; None for both: here again. Raises UserError."""
    if first_on is not None and back_on is not None and back_on <= first_on:
        message = f"back on {back_on} is not after the first day of absence, {first_on}"
        raise UserError(message)

    def change(connection: Connection, user_id: str) -> None:
        values = {"absent_from": first_on, "absent_until": back_on}
        words = {name: None if day is None else day.isoformat() for name, day in values.items()}
        connection.execute(update(User).where(User.user_id == user_id).values(values))
        audit.note(connection, desk, None, "user_absent", login=login, **words)

    _change(desk, login, change)


def set_active(desk: Desk, login: str, *, is_active: bool) -> None:
    """Let a user log in no longer, or again. Raises UserError."""

    def change(connection: Connection, user_id: str) -> None:
        connection.execute(update(User).where(User.user_id == user_id).values(is_active=is_active))
        audit.note(connection, desk, None, "user_active" if is_active else "user_inactive", login=login)

    _change(desk, login, change)


def find_user(desk: Desk, login: str) -> str:
    """Give the id of the user with a login. Raises UserError."""
    with reading(desk.engine) as connection:
        return _find(connection, login)


def _change(desk: Desk, login: str, change: Callable[[Connection, str], None]) -> None:
    with writing(desk.engine) as connection:
        change(connection, _find(connection, login))


def _find(connection: Connection, login: str) -> str:
    user_id = connection.execute(select(User.user_id).where(User.login == login)).scalar_one_or_none()
    if user_id is None:
        message = f"nobody has the login {login!r}: `stream-app desk user list` shows all"
        raise UserError(message)
    return user_id


def _check(desk: Desk, new: NewUser) -> None:
    known = {tier.code for policy in desk.policies.versions for tier in policy.tiers}
    strange = [code for code in new.tiers if code not in known]
    refusals = {
        f"login {new.login!r}: write 1 to 100 letters, digits or . _ @ -": LOGIN.fullmatch(new.login) is None,
        "a name has 1 to 256 characters": not 1 <= len(new.name) <= 256,  # noqa: PLR2004 - as the column
        f"role {new.role!r} is none of {', '.join(ROLES)}": new.role not in ROLES,
        f"language {new.language!r} is none of {', '.join(LANGUAGES)}": new.language not in OWN_OR_NOT,
        f"tiers {', '.join(strange)} are not in the policy: it has {', '.join(sorted(known))}": bool(strange),
        "a capacity is a number of calls a day, 1 or more": new.capacity_a_day is not None and new.capacity_a_day < 1,
    }
    for message, holds in refusals.items():
        if holds:
            raise UserError(message)
