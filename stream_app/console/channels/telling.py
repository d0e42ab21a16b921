"""Queueing what people are to be told: a delivery per channel that serves them, in the caller's transaction.

Rule: a delivery's id follows from what it tells to whom through what, so the same thing is told once.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, select

from stream_app.console.channels.declared import Channel
from stream_app.console.channels.wording import Template
from stream_app.console.desk import Desk
from stream_app.console.store.database import upsert
from stream_app.console.store.work_tables import Delivery, User
from stream_app.core.desk.policy import DeskPolicy

ID_LENGTH = 40  # hexadecimal digits: 160 bits

Subject = Mapping[str, Any]


def tell(connection: Connection, desk: Desk, template: Template, subject: Subject, user_id: str) -> None:
    """Queue a message to somebody, by every channel that serves them.

    `subject`: what the template is filled with, JSON, pseudonymous; with `urgent` true it waits for no hour and goes
    into no digest. Who is not there or not active is not told.
    """
    user = connection.execute(select(User.__table__).where(User.user_id == user_id, User.is_active)).mappings().first()
    if user is None:
        return
    rows = [_row(desk, channel, address, template, subject, user_id) for channel, address in serving(desk, user)]
    upsert(connection, Delivery, rows, keep=list(rows[0]) if rows else ())


def serving(desk: Desk, user: RowMapping) -> Iterator[tuple[Channel, str]]:
    """Name the channels that tell somebody, each with their address there; false as an address: not by this one."""
    for channel in desk.channels:
        declared = channel.declared
        address = user["channels"].get(channel.name, user["channels"].get(declared.kind, ""))
        fits = user["role"] in declared.roles and _serves_branch(declared.branches, user["branch_id"])
        if fits and address is not False and (address or declared.kind != "mail"):
            yield channel, str(address)


def _serves_branch(branches: list[str], branch_id: str | None) -> bool:
    return not branches or branch_id is None or branch_id in branches


def _row(
    desk: Desk, channel: Channel, address: str, template: Template, subject: Subject, user_id: str
) -> dict[str, Any]:
    now = desk.now()
    waits = channel.declared.keeps_quiet and not subject.get("urgent")
    zone = desk.policies.versions[0].billing.zone
    return {
        "delivery_id": delivery_id(channel.name, user_id, template, subject),
        "channel": channel.name,
        "user_id": user_id,
        "address": address,
        "template": template,
        "subject": dict(subject),
        "made_at": now,
        "send_after_at": quiet_end(now, zone, desk.policies.in_force(now).desk) if waits else now,
        "state": "waiting",
        "tries": 0,
        "tried": [],
        "error": "",
    }


def delivery_id(channel: str, user_id: str, template: str, subject: Subject) -> str:
    """Name a delivery by what it tells."""
    told = json.dumps([channel, user_id, template, subject], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:ID_LENGTH]


def quiet_end(at: datetime, zone: str, policy: DeskPolicy) -> datetime:
    """Give the first instant from `at` on that lies outside the quiet hours, local in the zone."""
    local = at.astimezone(ZoneInfo(zone))
    begin, end = policy.quiet_from_hour, policy.quiet_until_hour
    is_quiet = begin <= local.hour < end if begin <= end else local.hour >= begin or local.hour < end
    if not is_quiet:
        return at
    day = local if local.hour < end else local + timedelta(days=1)
    return (day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=end)).astimezone(at.tzinfo)
