"""Who may see what: sessions, tokens, attempts to log in, and the log of every look."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from stream_app.console.store.base import Table
from stream_app.console.store.types import AnyJson, Instant, Serial

ID = String(64)


class Session(Table):
    """A login: only the hash of its secret is kept."""

    __tablename__ = "sessions"
    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256, hexadecimal
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    began_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)


class ApiToken(Table):
    """A token for the API, with its owner's rights: only its hash is kept."""

    __tablename__ = "api_tokens"
    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class ApiRequest(Table):
    """A request that changed something, by its Idempotency-Key: asked again it is answered again, not done again."""

    __tablename__ = "api_requests"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))  # SHA-256: another request under the same key is refused
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    status: Mapped[int | None]  # None: begun, and not known to have ended
    answer: Mapped[dict[str, Any]] = mapped_column(AnyJson, default=dict)


class LoginAttempt(Table):
    """A failed login, by login and by address, for the limit of both."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index("ix_login_attempts_whose_at", "whose", "at"),)
    attempt_no: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    whose: Mapped[str] = mapped_column(String(200))  # login:NAME or address:IP
    at: Mapped[datetime] = mapped_column(Instant)


class AuditEntry(Table):
    """Who looked at or did what."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subscriber_at", "subscriber_id", "at"),)
    entry_no: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    user_id: Mapped[str | None] = mapped_column(ID, index=True)
    action: Mapped[str] = mapped_column(String(64))
    subscriber_id: Mapped[str | None] = mapped_column(ID)
    detail: Mapped[dict[str, Any]] = mapped_column(AnyJson, default=dict)
