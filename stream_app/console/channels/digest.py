"""A digest instead of a storm: who is told a lot within minutes is told once, with a list.

Rule: to one person through one channel go at most `digest_above` messages and one digest within `digest_minutes`. What
is urgent goes out on its own up to URGENT_TIMES as many; more of it goes into a digest that says how many are urgent,
again one within the minutes. What was tried already goes out on its own.
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
URGENT_TIMES = 3  # so many times `digest_above` urgent messages are read one by one still


class Lately(NamedTuple):
    """What one person was told through a channel within the window; digests count as urgent where they hold such."""

    messages: int = 0
    urgent_messages: int = 0
    digests: int = 0
    urgent_digests: int = 0


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
    return bool(row["tries"] or row["template"] == "digest")


def _is_urgent(row: Row) -> bool:
    return bool(row["subject"].get("urgent"))


def _of_one_person(
    connection: Connection, channel: Channel, rows: list[Row], lately: Lately, now: datetime
) -> list[Row]:
    above = channel.declared.digest_above
    urgent, others = [row for row in rows if _is_urgent(row)], [row for row in rows if not _is_urgent(row)]
    is_urgent_storm = lately.urgent_messages + len(urgent) > URGENT_TIMES * above
    is_storm = lately.messages + len(others) > above
    alone = ([] if is_urgent_storm else urgent) + ([] if is_storm else others)
    listed = (urgent if is_urgent_storm else []) + (others if is_storm else [])
    is_time = not lately.urgent_digests if urgent and is_urgent_storm else not lately.digests
    if len(listed) > 1 and is_time:
        return [*alone, _digest(connection, channel, listed, now)]
    return alone  # the others wait for the window's end, and for company


def _lately(
    connection: Connection, channel: Channel, users: Sequence[str], now: datetime
) -> Mapping[str | None, Lately]:
    since = now - timedelta(minutes=channel.declared.digest_minutes)
    is_digest, is_urgent = Delivery.template == "digest", Delivery.subject["urgent"].as_boolean()
    kinds = (~is_digest, ~is_digest & is_urgent, is_digest, is_digest & is_urgent)
    statement = (
        select(Delivery.user_id, *(func.count().filter(kind) for kind in kinds))
        .where(Delivery.channel == channel.name, Delivery.user_id.in_(users))
        .where(((Delivery.state == "sent") & (Delivery.sent_at > since)) | (is_digest & (Delivery.state == "waiting")))
        .group_by(Delivery.user_id)
    )
    return {user_id: Lately(*counts) for user_id, *counts in connection.execute(statement)}


def _digest(connection: Connection, channel: Channel, rows: Sequence[Row], now: datetime) -> Row:
    user_id, ids = rows[0]["user_id"], sorted(row["delivery_id"] for row in rows)
    urgent = sum(map(_is_urgent, rows))
    items = [{**row["subject"], "template": row["template"]} for row in rows]
    subject = {"items": items, "urgent": urgent > 0, "urgent_count": urgent}
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
