"""Users, channels and messages for the channels' tests."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from stream_app.console.channels.declared import Channel, load_channels
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import Delivery, User

WEBHOOK_KEY = bytes(range(32))
WEBHOOK_SECRET = "whsec_" + base64.b64encode(WEBHOOK_KEY).decode()
WALL = datetime(2031, 1, 1, tzinfo=UTC)  # the machine's clock in tests, far from the desk's
ENVIRONMENT = {"HOOK_SECRET": WEBHOOK_SECRET, "DING_SECRET": "SECof-the-robot", "MAIL_PASSWORD": "right"}


def channels(folder: Path, text: str, **environment: str) -> tuple[Channel, ...]:
    """Read channels from a file with this text."""
    file = folder / "channels.yaml"
    file.write_text(text, encoding="utf-8")
    return load_channels(file, ENVIRONMENT | environment)


def hook(folder: Path, url: str, more: str = "") -> tuple[Channel, ...]:
    """Declare one webhook."""
    text = f"channels:\n  - {{name: hook, kind: webhook, url_env: HOOK_URL, secret_env: HOOK_SECRET{more}}}\n"
    return channels(folder, text, HOOK_URL=url)


def add_user(connection: Connection, user_id: str, **given: Any) -> None:
    """Add a user: a manager of the east who reads English, where nothing else is given."""
    row = {
        "user_id": user_id, "login": user_id, "name": user_id, "role": "manager", "branch_id": "east", "tiers": [],
        "is_active": True, "language": "en", "channels": {}, "created_at": WALL,
    }  # fmt: skip
    connection.execute(insert(User).values(row | given))


def task(number: int = 1, **more: Any) -> dict[str, Any]:
    """Give what a new task's message is filled with."""
    return {
        "case_id": f"case-{number}", "subscriber_id": f"s{number}", "leading": "complaints", "tier": "C3",
        "due_at": "2025-06-11T02:00:00+00:00", "at": "2025-06-10T02:00:00+00:00", "urgent": False,
    } | more  # fmt: skip


def deliveries(engine: Engine) -> list[Mapping[str, Any]]:
    """Read all deliveries, in the order of what they are about."""
    with reading(engine) as connection:
        rows = connection.execute(select(Delivery.__table__)).mappings().all()
    return sorted((dict(row) for row in rows), key=lambda row: (row["channel"], str(row["subject"])))


def with_user(desk: Desk, declared: tuple[Channel, ...], user_id: str = "m1", **given: Any) -> Desk:
    """Give a desk with these channels, and this user in its database."""
    with writing(desk.engine) as connection:
        add_user(connection, user_id, **given)
    return desk._replace(channels=declared)
