"""Logins on the server: the browser holds a secret, the database its hash (SHA-256: the secret is random, and long)."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from stream_app.console.access.viewer import Viewer
from stream_app.console.store.access_tables import Session
from stream_app.console.store.work_tables import User

SECRET_BYTES = 32


class Begun(NamedTuple):
    """A session begun: the secret goes into the cookie and is kept nowhere."""

    secret: str
    ends_at: datetime


def begin(connection: Connection, user_id: str, now: datetime, hours: int) -> Begun:
    """Begin a session with a secret of its own; those that are over are cleared away."""
    begun = Begun(secrets.token_urlsafe(SECRET_BYTES), now + timedelta(hours=hours))
    connection.execute(delete(Session).where(Session.ends_at <= now))
    row = {
        "secret_hash": hash_of(begun.secret),
        "user_id": user_id,
        "csrf": secrets.token_urlsafe(SECRET_BYTES),
        "began_at": now,
        "ends_at": begun.ends_at,
    }
    connection.execute(insert(Session).values(row))
    return begun


def find(connection: Connection, secret: str, now: datetime) -> Viewer | None:
    """Find whose session this is; None where it is over, unknown, or its user may not log in any more."""
    found = connection.execute(
        select(User.user_id, User.name, User.role, User.branch_id, User.language, Session.csrf)
        .join(Session, Session.user_id == User.user_id)
        .where(Session.secret_hash == hash_of(secret), Session.ends_at > now, User.is_active)
    ).one_or_none()
    return None if found is None else Viewer(*found)


def end(connection: Connection, secret: str) -> None:
    """End a session: logged out."""
    connection.execute(delete(Session).where(Session.secret_hash == hash_of(secret)))


def end_all(connection: Connection, user_id: str) -> None:
    """End all sessions of a user: the password changed."""
    connection.execute(delete(Session).where(Session.user_id == user_id))


def hash_of(secret: str) -> str:
    """Hash a secret as the database keeps it."""
    return hashlib.sha256(secret.encode()).hexdigest()
