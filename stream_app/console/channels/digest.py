"""A digest instead of a storm: who is told a lot within minutes is told once, with a list.

Rule: to one person through one channel go at most `digest_above` messages and one digest within `digest_minutes`; what
is urgent, and what was tried already, goes out on its own.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, update

from stream_app.console.channels.declared import Channel
from stream_app.console.channels.telling import delivery_id
from stream_app.console.store.database import upsert
from stream_app.console.store.work_tables import Delivery

Row = Mapping[str, Any]


class Lately(NamedTuple):
    """What one person was told through a channel within the window."""

    messages: int = 0
    digests: int = 0


def to_send(connection: Connection, channel: Channel, waiting: Sequence[Row], now: datetime) -> list[Row]:
    """Choose what goes out of all that waits for a channel, in its order; makes digests of what is too much."""
    by_user = defaultdict[str, list[Row]](list)
    chosen = [row for row in waiting if _goes_alone(row)]
    for row in waiting:
        if not _goes_alone(row):
            by_user[row["user_id"]].append(row)
    lately = _lately(connection, channel, sorted(by_user), now) if by_user else dict[str | None, Lately]()
    for user_id, rows in by_user.items():
        chosen += _of_one_person(connection, channel, rows, lately.get(user_id, Lately()), now)
    return sorted(chosen, key=lambda row: (row["send_after_at"], row["made_at"], row["delivery_id"]))


def _goes_alone(row: Row) -> bool:
    return bool(row["subject"].get("urgent") or row["tries"] or row["template"] == "digest")


def _of_one_person(
    connection: Connection, channel: Channel, rows: list[Row], lately: Lately, now: datetime
) -> list[Row]:
    if lately.messages + len(rows) <= channel.declared.digest_above:
        return rows
    if lately.digests or len(rows) == 1:
        return []  # they wait for the window's end, and for company
    return [_digest(connection, channel, rows, now)]


def _lately(
    connection: Connection, channel: Channel, users: Sequence[str], now: datetime
) -> Mapping[str | None, Lately]:
    since = now - timedelta(minutes=channel.declared.digest_minutes)
    is_digest = Delivery.template == "digest"
    statement = (
        select(Delivery.user_id, is_digest.label("is_digest"), func.count().label("told"))
        .where(Delivery.channel == channel.name, Delivery.user_id.in_(users))
        .where(((Delivery.state == "sent") & (Delivery.sent_at > since)) | (is_digest & (Delivery.state == "waiting")))
        .group_by(Delivery.user_id, is_digest)
    )
    found = dict[str | None, Lately]()
    for user_id, of_digests, count in connection.execute(statement):
        lately = found.get(user_id, Lately())
        found[user_id] = lately._replace(digests=count) if of_digests else lately._replace(messages=count)
    return found


def _digest(connection: Connection, channel: Channel, rows: Sequence[Row], now: datetime) -> Row:
    user_id, ids = rows[0]["user_id"], sorted(row["delivery_id"] for row in rows)
    subject = {"items": [{**row["subject"], "template": row["template"]} for row in rows]}
    made = {
        **rows[0],
        "delivery_id": delivery_id(channel.name, user_id, "digest", {"of": ids}),
        "template": "digest",
        "subject": subject,
        "made_at": now,
        "send_after_at": now,
    }
    stored = {name: value for name, value in made.items() if name in Delivery.__table__.c}
    upsert(connection, Delivery, [stored], keep=list(stored))
    told_by = {"state": "digested", "digest_id": made["delivery_id"]}
    connection.execute(update(Delivery).where(Delivery.delivery_id.in_(ids)).values(**told_by))
    return made
