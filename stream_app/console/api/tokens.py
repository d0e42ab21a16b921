"""Tokens for the API, each with its owner's rights: shown once, kept as a hash, good for some days."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from stream_app.console.access import audit
from stream_app.console.access.sessions import SECRET_BYTES, hash_of
from stream_app.console.access.viewer import Viewer
from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import ApiToken
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import User
from stream_app.console.web.means import wall_now

PREFIX = "desk_"  # by which a secret that lies about is known for one
LONGEST_NAME, MOST_DAYS = 100, 366
USED_EVERY = timedelta(minutes=1)  # the last use is noted so finely: a request is no reason to write


class TokenError(ValueError):
    """A token cannot be made so; the message says why."""


class Found(NamedTuple):
    """Whose token it is, and the hash that it is counted by."""

    viewer: Viewer
    secret_hash: str


def make_token(desk: Desk, user_id: str, name: str, days: int, wall: Callable[[], datetime] = wall_now) -> str:
    """Make a token with a user's rights; gives its secret, which is kept nowhere. Raises TokenError.

    `wall` is the machine's clock: a token belongs to programs, whatever time it is at the desk.
    """
    secret, now = PREFIX + secrets.token_urlsafe(SECRET_BYTES), wall()
    with writing(desk.engine) as connection:
        _check(connection, user_id, name, days, now)
        row = {"user_id": user_id, "name": name, "made_at": now, "ends_at": now + timedelta(days=days)}
        connection.execute(insert(ApiToken).values(secret_hash=hash_of(secret), **row))
        audit.note(connection, desk, user_id, "token_made", token=name, days=days)
    return secret


def revoke_token(desk: Desk, user_id: str, name: str) -> bool:
    """Take a user's token of a name away; false where there is none."""
    with writing(desk.engine) as connection:
        its = delete(ApiToken).where(ApiToken.user_id == user_id, ApiToken.name == name)
        is_gone = connection.execute(its).rowcount > 0
        if is_gone:
            audit.note(connection, desk, user_id, "token_revoked", token=name)
    return is_gone


def find(desk: Desk, secret: str, now: datetime) -> Found | None:
    """Find whose token this is; None where it is over, unknown, or its owner may not log in any more."""
    secret_hash = hash_of(secret)
    with reading(desk.engine) as connection:
        row = connection.execute(
            select(User.user_id, User.name, User.role, User.branch_id, User.language, ApiToken.used_at)
            .join(ApiToken, ApiToken.user_id == User.user_id)
            .where(ApiToken.secret_hash == secret_hash, ApiToken.ends_at > now, User.is_active)
        ).one_or_none()
    if row is None:
        return None
    if row.used_at is None or row.used_at <= now - USED_EVERY:
        with writing(desk.engine) as connection:
            connection.execute(update(ApiToken).where(ApiToken.secret_hash == secret_hash).values(used_at=now))
    return Found(Viewer(row.user_id, row.name, row.role, row.branch_id, row.language, csrf=""), secret_hash)


def _check(connection: Connection, user_id: str, name: str, days: int, now: datetime) -> None:
    is_user = select(User.user_id).where(User.user_id == user_id, User.is_active)
    standing = select(ApiToken.name).where(ApiToken.user_id == user_id, ApiToken.name == name, ApiToken.ends_at > now)
    is_name = 1 <= len(name) <= LONGEST_NAME and name.isprintable()
    refusals = {
        f"a token's name has 1 to {LONGEST_NAME} characters": not is_name,
        f"a token is good for 1 to {MOST_DAYS} days": not 1 <= days <= MOST_DAYS,
        f"there is no active user {user_id}": connection.execute(is_user).first() is None,
        f"{user_id} has a token {name} already: take it away first, or choose another name":
            connection.execute(standing).first() is not None,
    }  # fmt: skip
    for message, holds in refusals.items():
        if holds:
            raise TokenError(message)
