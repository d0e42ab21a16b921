"""Sending what waits: through each channel as fast as it may go, again where it failed, into the dead box in the end.

Rule: a delivery is marked after it was taken. Who dies in between sends it again when started again, under the same
id: a webhook's receiver drops it by `webhook-id`, a mail server's by Message-ID, a chat shows it twice. One desk sends
for a database: two would send everything twice.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from jinja2 import TemplateError
from sqlalchemy import Connection, Select, or_, select, update

from stream_app.console.channels.declared import Channel
from stream_app.console.channels.digest import Row, to_send
from stream_app.console.channels.mail import to_mail
from stream_app.console.channels.outcome import Outcome
from stream_app.console.channels.pacing import MINUTE, Gate, wait_seconds
from stream_app.console.channels.robots import to_dingtalk, to_wecom
from stream_app.console.channels.webhook import to_webhook
from stream_app.console.channels.wording import Message, Wording
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import Delivery, User

LOOKED_AT = 5_000  # waiting deliveries of one channel at once
LONGEST_PASS = timedelta(seconds=5)  # of a slow channel: others are waiting for the next one
NOT_ACTIVE = "the user is not active any more"


class Sender:
    """Sends for a desk; keeps in mind how fast each channel went. Make one, and call `send_waiting` every second.

    `wall` is the machine's clock, in UTC: receivers count minutes and check signatures by theirs, whatever clock the
    desk goes by. `public_url` is how people reach the pages; `hear` is told of each try: through which channel, and
    what became of the message.
    """

    def __init__(
        self,
        desk: Desk,
        http: aiohttp.ClientSession,
        wall: Callable[[], datetime],
        public_url: str,
        hear: Callable[[str, str], None] = lambda _channel, _state: None,
    ) -> None:
        self._desk, self._http, self._wall, self._hear = desk, http, wall, hear
        self._wording = Wording(public_url, desk.policies.versions[0].billing.zone)
        self._gates = dict[str, Gate]()

    async def send_waiting(self) -> Counter[str]:
        """Send what is due, once through all channels; counts what became of it: sent, waiting, dead."""
        counts = await asyncio.gather(*(self._send_through(channel) for channel in self._desk.channels))
        return sum(counts, Counter[str]())

    async def _send_through(self, channel: Channel) -> Counter[str]:
        gate = self._gates.get(channel.name) or await self._open_gate(channel)
        became, began = Counter[str](), self._wall()
        room = gate.room(began)
        due = await asyncio.to_thread(_due, self._desk, channel, self._wall()) if room > 0 else []
        for row in due[:room]:
            gate.count(self._wall())
            outcome = await self._try(channel, row)
            if outcome.shut_seconds:
                gate.shut(self._wall() + timedelta(seconds=outcome.shut_seconds))
            state = await asyncio.to_thread(self._mark, channel, row, outcome)
            became[state] += 1
            self._hear(channel.name, state)
            if not gate.room(self._wall()) or self._wall() - began > LONGEST_PASS:
                break
        return became

    async def _open_gate(self, channel: Channel) -> Gate:
        gone_out = await asyncio.to_thread(_gone_out, self._desk, channel, self._wall() - MINUTE)
        self._gates[channel.name] = Gate(channel.declared.rate_per_minute, gone_out)
        return self._gates[channel.name]

    async def _try(self, channel: Channel, row: Row) -> Outcome:
        if not row["is_active"]:
            return Outcome(NOT_ACTIVE, is_final=True)
        try:
            message, now = self._message(channel, row), self._wall()
        except (
            TemplateError,
            ValueError,
            TypeError,
        ) as error:  # kept as dead: it must not end every desk that meets it
            return Outcome(f"cannot be written: {type(error).__name__}", is_final=True)
        match channel.declared.kind:
            case "wecom":
                return await to_wecom(channel, message, self._http, now)
            case "dingtalk":
                return await to_dingtalk(channel, message, self._http, now)
            case "webhook":
                return await to_webhook(channel, message, self._http, now)
            case "mail":
                return await to_mail(channel, message, now)

    def _message(self, channel: Channel, row: Row) -> Message:
        of_channel = channel.declared.language
        language = of_channel if of_channel != "own" else row["language"] or "zh"
        title, text = self._wording.write(row["template"], language, row["subject"])
        return Message(
            row["delivery_id"], row["template"], title, text, self._wording.link(row["subject"]), language,
            row["address"], row["user_id"], row["made_at"], row["subject"],
        )  # fmt: skip

    def _mark(self, channel: Channel, row: Row, outcome: Outcome) -> str:
        changed = marked(channel, row, outcome, self._desk.now(), self._wall())
        with writing(self._desk.engine) as connection:
            connection.execute(update(Delivery).where(Delivery.delivery_id == row["delivery_id"]).values(**changed))
        return str(changed["state"])


def marked(channel: Channel, row: Row, outcome: Outcome, now: datetime, wall: datetime) -> Mapping[str, Any]:
    """Give what changes in a delivery's row by a try; `now` is the desk's time, `wall` the machine's."""
    tries = row["tries"] + 1
    tried = [*row["tried"], {"at": wall.isoformat(), "said": outcome.said}]
    if outcome.is_told:
        state, retry_at = "sent", None
    elif outcome.is_final or tries >= channel.declared.tries:
        state, retry_at = "dead", None
    else:
        wait = wait_seconds(row["delivery_id"], tries, outcome.wait_seconds)
        state, retry_at = "waiting", wall + timedelta(seconds=wait)
    return {
        "state": state,
        "tries": tries,
        "tried": tried,
        "tried_at": wall,
        "retry_at": retry_at,
        "sent_at": now if state == "sent" else None,
        "error": "" if outcome.is_told else outcome.said,
    }


def _due(desk: Desk, channel: Channel, wall: datetime) -> list[Row]:
    now = desk.now()
    statement = _waiting(channel, now, wall)
    with reading(desk.engine) as connection:
        if not connection.execute(statement.limit(1)).first():
            return []  # the writers' lock is not taken for nothing
    with writing(desk.engine) as connection:
        return to_send(connection, channel, _rows(connection, statement), now)


def _waiting(channel: Channel, now: datetime, wall: datetime) -> Select[Any]:
    return (
        select(Delivery.__table__, User.language, User.is_active)
        .join(User, User.user_id == Delivery.user_id)
        .where(Delivery.state == "waiting", Delivery.channel == channel.name, Delivery.send_after_at <= now)
        .where(or_(Delivery.retry_at.is_(None), Delivery.retry_at <= wall))
        .order_by(Delivery.send_after_at, Delivery.made_at, Delivery.delivery_id)
        .limit(LOOKED_AT)
    )


def _rows(connection: Connection, statement: Select[Any]) -> Sequence[Row]:
    return [dict(row) for row in connection.execute(statement).mappings()]


def _gone_out(desk: Desk, channel: Channel, since: datetime) -> list[datetime]:
    statement = select(Delivery.tried_at).where(Delivery.channel == channel.name, Delivery.tried_at > since)
    with reading(desk.engine) as connection:
        return [at for at in connection.scalars(statement) if at is not None]
