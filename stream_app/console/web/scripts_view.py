"""What worked, by measure: scripts with how often they were used and who stayed (Part 4: closed loop)."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, case, func, insert, select

from stream_app.console.store.read_tables import Customer
from stream_app.console.store.work_tables import Contact, Script, User
from stream_app.core.desk.effect import Interval, Share, wilson

KEPT_AFTER = timedelta(days=30)  # who was called so long ago and is here shows what the words did


class RatedScript(NamedTuple):
    """A script, how often it was used and accepted, and of those called long enough ago how many are still here."""

    script: Row[Any]
    uses: int
    accepted: int
    stayed: Share
    share: Interval | None


def scripts(connection: Connection, now: datetime, measure: str | None = None) -> list[RatedScript]:
    """List the shared scripts, by measure; the best first, where best is what the share is at the least."""
    rated = [_rated(row) for row in connection.execute(_with_uses(now, measure))]
    return sorted(rated, key=lambda one: (one.script.measure, -(one.share.low if one.share else 0), -one.uses))


def best_for(connection: Connection, now: datetime, measures: Sequence[str], language: str) -> list[RatedScript]:
    """List scripts for the measures suggested, the first measure's first, the reader's language before the other."""
    rank = {measure: number for number, measure in enumerate(measures)}
    found = [one for one in scripts(connection, now) if one.script.measure in rank]
    return sorted(found, key=lambda one: (rank[one.script.measure], one.script.language != language))[:6]


def add_script(connection: Connection, user_id: str, given: tuple[str, str, str, str], now: datetime) -> str:
    """Keep a script, (measure, title, text, language), as the plain text that it is; gives its id."""
    script_id = uuid.uuid4().hex
    measure, title, text, language = given
    row = {
        "script_id": script_id,
        "measure": measure,
        "title": title,
        "text": text,
        "language": language,
        "user_id": user_id,
        "made_at": now,
        "is_shared": True,
    }
    connection.execute(insert(Script).values(row))
    return script_id


def _with_uses(now: datetime, measure: str | None) -> Any:  # noqa: ANN401 - a query
    is_old = Contact.at <= now - KEPT_AFTER
    uses = (
        select(
            Contact.script_id,
            func.count().label("uses"),
            func.sum(case((Contact.outcome == "accepted", 1), else_=0)).label("accepted"),
            func.sum(case((is_old, 1), else_=0)).label("old"),
            func.sum(case((is_old & Customer.on_network, 1), else_=0)).label("stayed"),
        )
        .join(Customer, Customer.subscriber_id == Contact.subscriber_id)
        .where(Contact.script_id.is_not(None))
        .group_by(Contact.script_id)
        .subquery()
    )
    listed = (
        select(*Script.__table__.c, User.name.label("by"), uses.c.uses, uses.c.accepted, uses.c.old, uses.c.stayed)
        .outerjoin(uses, uses.c.script_id == Script.script_id)
        .outerjoin(User, User.user_id == Script.user_id)
        .where(Script.is_shared)
    )
    return listed if measure is None else listed.where(Script.measure == measure)


def _rated(row: Row[Any]) -> RatedScript:
    stayed = Share(int(row.stayed or 0), int(row.old or 0))
    return RatedScript(row, int(row.uses or 0), int(row.accepted or 0), stayed, wilson(stayed))
