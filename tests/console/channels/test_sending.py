"""Sending to real receivers: what they get, how their refusals are met, and how fast it goes."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from stream_app.console.channels.box import counts, requeue, requeue_channel
from stream_app.console.channels.declared import Channel
from stream_app.console.channels.sending import Sender
from stream_app.console.channels.telling import tell
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from tests.console.channels.people import (
    ENVIRONMENT,
    WALL,
    WEBHOOK_KEY,
    add_user,
    channels,
    deliveries,
    hook,
    task,
    with_user,
)
from tests.console.channels.sinks import Reply, Sink, running_sink
from tests.console.either import BOTH
from tests.console.moments import SetClock


class Office(NamedTuple):
    """A desk, a receiver, and what it takes to send."""

    desk: Desk
    sink: Sink
    http: aiohttp.ClientSession
    wall: SetClock
    folder: Path

    def sender(self, desk: Desk) -> Sender:
        return Sender(desk, self.http, self.wall, "https://desk.example")


@pytest.fixture
async def office(desk: Desk, tmp_path: Path) -> AsyncIterator[Office]:
    async with running_sink() as sink, aiohttp.ClientSession() as http:
        yield Office(desk, sink, http, SetClock(WALL), tmp_path)


def say(desk: Desk, *numbers: int, user_id: str = "m1", **more: Any) -> None:
    with writing(desk.engine) as connection:
        for number in numbers:
            tell(connection, desk, "task_assigned", task(number, **more), user_id)


def states(desk: Desk) -> list[str]:
    return [row["state"] for row in deliveries(desk.engine)]


def robots(folder: Path, url: str) -> tuple[Channel, ...]:
    text = """
channels:
  - {name: ding, kind: dingtalk, url_env: DING_URL, secret_env: DING_SECRET}
  - {name: wecom, kind: wecom, url_env: WECOM_URL}
"""
    return channels(folder, text, DING_URL=f"{url}/ding?access_token=t0ken", WECOM_URL=f"{url}/wecom?key=k3y")


async def test_a_webhook_gets_a_cloudevent_with_a_signature_that_stands(
    office: Office,
) -> None:
    desk = with_user(office.desk, hook(office.folder, f"{office.sink.url}/in?key=k3y%2F"))
    say(desk, 1)
    assert await office.sender(desk).send_waiting() == {"sent": 1}
    (got,) = office.sink.received
    name, seconds = got.headers["webhook-id"], got.headers["webhook-timestamp"]
    signed = hmac.new(WEBHOOK_KEY, f"{name}.{seconds}.".encode() + got.body, hashlib.sha256).digest()
    assert got.headers["webhook-signature"] == f"v1,{base64.b64encode(signed).decode()}"
    assert int(seconds) == int(WALL.timestamp())
    assert got.headers["Content-Type"].startswith("application/cloudevents+json")
    assert got.query == {"key": "k3y/"}
    event = got.json
    assert (event["specversion"], event["type"], event["id"]) == ("1.0", "desk.task_assigned", name)
    assert (event["source"], event["subject"], event["data"]["user_id"]) == ("/stream-app/desk", "s1", "m1")
    assert event["data"]["link"] == "https://desk.example/tasks/case-1"


async def test_while_a_webhooks_secret_changes_it_is_signed_by_both(
    office: Office,
) -> None:
    text = "channels: [{name: hook, kind: webhook, url_env: U, secret_env: TWO}]"
    two = f"{ENVIRONMENT['HOOK_SECRET']} whsec_{'A' * 43}="
    desk = with_user(office.desk, channels(office.folder, text, U=office.sink.url, TWO=two))
    say(desk, 1)
    await office.sender(desk).send_waiting()
    assert len(office.sink.received[0].headers["webhook-signature"].split(" ")) == 2


async def test_each_try_is_heard_of_with_its_channel_and_what_became_of_the_message(office: Office) -> None:
    desk = with_user(office.desk, hook(office.folder, f"{office.sink.url}/in"))
    heard = list[tuple[str, str]]()
    sender = Sender(desk, office.http, office.wall, "https://desk.example", lambda *told: heard.append(told))
    say(desk, 1, 2)
    office.sink.replies.append(Reply(500))
    await sender.send_waiting()
    assert sorted(heard) == sorted((row["channel"], row["state"]) for row in deliveries(desk.engine))
    assert {state for _, state in heard} == {"waiting", "sent"}


async def test_robots_get_what_they_take_signed_as_they_ask(
    office: Office,
) -> None:
    desk = with_user(office.desk, robots(office.folder, office.sink.url), channels={"dingtalk": "zhang"}, language="zh")
    say(desk, 1)
    assert await office.sender(desk).send_waiting() == {"sent": 2}
    got = {received.path: received for received in office.sink.received}
    ding, wecom = got["/ding"], got["/wecom"]
    milliseconds = ding.query["timestamp"]
    signed = hmac.new(b"SECof-the-robot", f"{milliseconds}\nSECof-the-robot".encode(), hashlib.sha256).digest()
    assert ding.query == {"access_token": "t0ken", "timestamp": milliseconds, "sign": base64.b64encode(signed).decode()}
    assert int(milliseconds) == int(WALL.timestamp() * 1000)
    assert ding.json["msgtype"] == "markdown"
    assert ding.json["at"] == {"atUserIds": ["zhang"], "isAtAll": False}
    assert "客户 s1" in ding.json["markdown"]["title"]
    assert ding.json["markdown"]["text"].endswith("[打开](https://desk.example/tasks/case-1)\n\n@zhang")
    assert wecom.query == {"key": "k3y"}
    assert wecom.json["msgtype"] == "markdown"
    assert "[打开](https://desk.example/tasks/case-1)" in wecom.json["markdown"]["content"]


async def test_wecom_calls_people_in_a_text(
    office: Office,
) -> None:
    desk = with_user(office.desk, robots(office.folder, office.sink.url), channels={"wecom": "zhang", "ding": False})
    say(desk, 1, leading="很" * 3000)
    await office.sender(desk).send_waiting()
    text = office.sink.received[0].json["text"]
    assert text["mentioned_list"] == ["zhang"]
    assert len(text["content"].encode()) <= 2048
    assert text["content"].endswith("\nhttps://desk.example/tasks/case-1")


@pytest.mark.parametrize(
    ("reply", "said", "became"),
    [
        (Reply(500, "oops"), "HTTP 500", "waiting"),
        (Reply(404, "oops"), "HTTP 404", "waiting"),
        (Reply(302, "", {"Location": "http://127.0.0.1:1/"}), "HTTP 302", "waiting"),
        (Reply(400, "oops"), "HTTP 400", "dead"),
        (Reply(200, "<html>"), "an answer without errcode: is this the robot's URL?", "waiting"),
        (Reply(200, "[]"), "an answer without errcode: is this the robot's URL?", "waiting"),
        (Reply(200, '{"errcode": 93000, "errmsg": "bad k3y\\n"}'), "errcode 93000: bad k3y ", "waiting"),
        (Reply(200, '{"errcode": 40058, "errmsg": "too long"}'), "errcode 40058: too long", "dead"),
    ],
)
async def test_a_refusal_is_kept_in_the_row_and_met_as_it_asks(
    office: Office,
    *,
    reply: Reply,
    said: str,
    became: str,
) -> None:
    desk = with_user(office.desk, robots(office.folder, office.sink.url), channels={"ding": False})
    say(desk, 1)
    office.sink.replies.append(reply)
    assert await office.sender(desk).send_waiting() == {became: 1}
    (row,) = deliveries(desk.engine)
    assert (row["error"], row["tries"], row["state"]) == (said, 1, became)
    assert row["tried"] == [{"at": WALL.isoformat(), "said": said}]
    assert (row["retry_at"] is not None) == (became == "waiting")


async def test_a_robot_that_repeats_its_url_does_not_bring_it_into_the_log(
    office: Office,
) -> None:
    desk = with_user(office.desk, robots(office.folder, office.sink.url), channels={"ding": False})
    say(desk, 1)
    office.sink.replies.append(
        Reply(200, json.dumps({"errcode": 93000, "errmsg": f"no robot at {office.sink.url}/wecom?key=k3y"}))
    )
    await office.sender(desk).send_waiting()
    assert "k3y" not in str(deliveries(desk.engine))


async def test_who_cannot_be_reached_is_told_without_the_url(
    office: Office,
) -> None:
    desk = with_user(office.desk, hook(office.folder, "http://127.0.0.1:1/in?key=k3y"))
    say(desk, 1, 2)
    sending = office.sender(desk)
    assert await sending.send_waiting() == {"waiting": 1}  # the second does not wait for nobody as well
    assert await sending.send_waiting() == {}
    rows = deliveries(desk.engine)
    assert rows[0]["error"].startswith("no connection: ")
    assert "k3y" not in str(rows)
    assert "127.0.0.1" not in rows[0]["error"]


async def test_who_does_not_answer_in_time_is_tried_again_later(
    office: Office,
) -> None:
    desk = with_user(office.desk, hook(office.folder, office.sink.url, ", timeout_seconds: 1"))
    say(desk, 1)
    office.sink.replies.append(Reply(holds_on=True))
    sending = office.sender(desk)
    assert await sending.send_waiting() == {"waiting": 1}
    assert deliveries(desk.engine)[0]["error"] == "no answer within 1 s"
    office.wall.advance(minutes=2)
    assert await sending.send_waiting() == {"sent": 1}
    assert len({received.headers["webhook-id"] for received in office.sink.received}) == 1
    assert len(office.sink.received) == 2


async def test_a_receiver_that_asks_to_wait_is_left_alone_so_long(
    office: Office,
) -> None:
    desk = with_user(office.desk, hook(office.folder, office.sink.url))
    say(desk, 1, 2)
    office.sink.replies.append(Reply(429, "", {"Retry-After": "300"}))
    sending = office.sender(desk)
    assert await sending.send_waiting() == {"waiting": 1}
    office.wall.advance(seconds=299)
    assert await sending.send_waiting() == {}
    office.wall.advance(seconds=2)
    assert await sending.send_waiting() == {"sent": 2}


@pytest.mark.parametrize(("robot", "code", "minutes"), [("wecom", 45009, 1), ("ding", 130101, 10)])
async def test_a_robot_that_says_too_often_is_left_alone(
    office: Office,
    *,
    robot: str,
    code: int,
    minutes: int,
) -> None:
    other = "ding" if robot == "wecom" else "wecom"
    desk = with_user(office.desk, robots(office.folder, office.sink.url), channels={other: False})
    say(desk, 1, 2)
    office.sink.replies.append(Reply(200, json.dumps({"errcode": code, "errmsg": "too often"})))
    sending = office.sender(desk)
    assert await sending.send_waiting() == {"waiting": 1}
    office.wall.advance(minutes=minutes)
    assert await sending.send_waiting() == {}
    office.wall.advance(seconds=2)
    assert await sending.send_waiting() == {"sent": 2}


@BOTH
async def test_no_more_than_the_rate_goes_out_in_a_minute_and_a_restart_does_not_forget_it(
    office: Office,
) -> None:
    desk = with_user(office.desk, hook(office.folder, office.sink.url, ", rate_per_minute: 3, digest_above: 100"))
    say(desk, *range(8))
    assert await office.sender(desk).send_waiting() == {"sent": 3}
    office.wall.advance(seconds=59)
    assert await office.sender(desk).send_waiting() == {}
    office.wall.advance(seconds=2)
    assert await office.sender(desk).send_waiting() == {"sent": 3}
    office.wall.advance(seconds=61)
    assert await office.sender(desk).send_waiting() == {"sent": 2}


@BOTH
async def test_after_its_tries_a_delivery_lies_in_the_dead_box_and_can_be_sent_again(
    office: Office,
) -> None:
    desk = with_user(office.desk, hook(office.folder, office.sink.url, ", tries: 3"))
    say(desk, 1)
    office.sink.replies.extend([Reply(500)] * 3)
    sending = office.sender(desk)
    for _ in range(5):
        await sending.send_waiting()
        office.wall.advance(hours=1)
    (row,) = deliveries(desk.engine)
    assert (row["state"], row["tries"], len(office.sink.received)) == ("dead", 3, 3)
    with reading(desk.engine) as connection:
        assert counts(connection) == {("hook", "dead"): 1}
    assert requeue(desk, row["delivery_id"])
    assert not requeue(desk, row["delivery_id"])
    assert await sending.send_waiting() == {"sent": 1}
    (row,) = deliveries(desk.engine)
    assert [tried["said"] for tried in row["tried"]] == ["HTTP 500", "HTTP 500", "HTTP 500", "HTTP 200"]
    assert len({received.headers["webhook-id"] for received in office.sink.received}) == 1


@BOTH
async def test_a_storm_becomes_one_digest(
    office: Office,
) -> None:
    desk = with_user(office.desk, hook(office.folder, office.sink.url, ", digest_above: 3"))
    say(desk, *range(40))
    assert await office.sender(desk).send_waiting() == {"sent": 1}
    (got,) = office.sink.received
    assert got.json["type"] == "desk.digest"
    assert len(got.json["data"]["items"]) == 40
    assert got.json["data"]["link"] == "https://desk.example/"
    rows = deliveries(desk.engine)
    assert sorted(row["state"] for row in rows) == ["digested"] * 40 + ["sent"]
    assert {row["digest_id"] for row in rows if row["state"] == "digested"} == {got.headers["webhook-id"]}


@BOTH
async def test_a_storm_that_comes_bit_by_bit_is_held_back_after_the_bound(
    office: Office,
    clock: SetClock,
) -> None:
    desk = with_user(
        office.desk, hook(office.folder, office.sink.url, ", digest_above: 3, digest_minutes: 10, rate_per_minute: 600")
    )
    sending = office.sender(desk)
    for number in range(30):  # one every twenty seconds: ten minutes
        say(desk, number)
        await sending.send_waiting()
        clock.advance(seconds=20)
    assert [received.json["type"] for received in office.sink.received] == ["desk.task_assigned"] * 3 + ["desk.digest"]
    clock.advance(minutes=10)
    await sending.send_waiting()
    told = [
        item
        for received in office.sink.received
        for item in received.json["data"].get("items", [received.json["data"]])
    ]
    assert sorted(item["case_id"] for item in told) == sorted(f"case-{number}" for number in range(30))
    assert "waiting" not in states(desk)


async def test_a_few_urgent_ones_go_into_no_digest_and_others_are_not_held_back_for_it(
    office: Office,
) -> None:
    desk = with_user(office.desk, hook(office.folder, office.sink.url, ", digest_above: 2"))
    with writing(desk.engine) as connection:
        add_user(connection, "m2")
    say(desk, *range(5))
    say(desk, 7, 8, 9, urgent=True)
    say(desk, 1, user_id="m2")
    assert await office.sender(desk).send_waiting() == {"sent": 5}
    kinds = sorted((received.json["data"]["user_id"], received.json["type"]) for received in office.sink.received)
    assert kinds == [("m1", "desk.digest")] + [("m1", "desk.task_assigned")] * 3 + [("m2", "desk.task_assigned")]


@BOTH
async def test_a_storm_of_what_is_urgent_becomes_one_digest_that_says_how_many_are(
    office: Office,
    clock: SetClock,
) -> None:
    more = ", digest_above: 2, digest_minutes: 10, rate_per_minute: 600"
    desk = with_user(office.desk, hook(office.folder, office.sink.url, more))
    sending = office.sender(desk)
    say(desk, *range(6), urgent=True)
    assert await sending.send_waiting() == {"sent": 6}  # three times the bound are read one by one
    say(desk, *range(6, 16), urgent=True)
    say(desk, *range(16, 20))
    assert await sending.send_waiting() == {"sent": 1}
    digest = office.sink.received[-1].json
    assert (digest["type"], len(digest["data"]["items"]), digest["data"]["urgent_count"]) == ("desk.digest", 14, 10)
    assert "14 messages, 10 of them urgent" in digest["data"]["title"]
    say(desk, *range(20, 25), urgent=True)
    assert await sending.send_waiting() == {}  # one digest of what is urgent within the minutes
    clock.advance(minutes=11)
    assert await sending.send_waiting() == {"sent": 5}


@BOTH
async def test_a_digest_of_what_is_urgent_does_not_wait_for_the_window_of_another(
    office: Office,
) -> None:
    desk = with_user(office.desk, hook(office.folder, office.sink.url, ", digest_above: 2"))
    sending = office.sender(desk)
    say(desk, *range(5))
    assert await sending.send_waiting() == {"sent": 1}
    assert office.sink.received[0].json["data"]["urgent_count"] == 0
    say(desk, *range(5, 12), urgent=True)
    assert await sending.send_waiting() == {"sent": 1}
    assert office.sink.received[1].json["data"]["urgent_count"] == 7


async def test_nothing_is_sent_before_it_is_due(
    office: Office,
    clock: SetClock,
) -> None:
    desk = with_user(office.desk, hook(office.folder, office.sink.url))
    clock.advance(hours=12)  # ten in the evening
    say(desk, 1)
    sending = office.sender(desk)
    assert await sending.send_waiting() == {}
    clock.advance(hours=11)
    assert await sending.send_waiting() == {"sent": 1}


@BOTH
async def test_who_is_no_longer_active_is_not_told(
    office: Office,
) -> None:
    desk = with_user(office.desk, hook(office.folder, office.sink.url))
    say(desk, 1)
    with writing(desk.engine) as connection:
        connection.exec_driver_sql("UPDATE users SET is_active = NOT is_active")
    assert await office.sender(desk).send_waiting() == {"dead": 1}
    assert office.sink.received == []


async def test_one_channel_that_hangs_does_not_hold_up_another(
    office: Office,
) -> None:
    desk = with_user(office.desk, robots(office.folder, office.sink.url), channels={"ding": "zhang"})
    say(desk, 1)
    office.sink.replies.append(Reply(holds_on=True))
    running = asyncio.create_task(office.sender(desk).send_waiting())
    async with asyncio.timeout(20):
        while "sent" not in states(desk):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)
    office.sink.let_go.set()
    assert await running == {"sent": 2}


async def test_a_message_is_sent_anew_within_its_wait_and_not_before(
    office: Office,
) -> None:
    desk = with_user(office.desk, hook(office.folder, office.sink.url))
    say(desk, 1)
    office.sink.replies.append(Reply(500))
    sending = office.sender(desk)
    await sending.send_waiting()
    retry_at = deliveries(desk.engine)[0]["retry_at"]
    assert timedelta(seconds=15) <= retry_at - WALL <= timedelta(seconds=30)
    office.wall.at = retry_at - timedelta(milliseconds=1)
    assert await sending.send_waiting() == {}
    office.wall.at = retry_at
    assert await sending.send_waiting() == {"sent": 1}


async def test_after_a_long_outage_all_that_is_dead_of_a_channel_is_sent_again(office: Office) -> None:
    desk = with_user(office.desk, robots(office.folder, office.sink.url))
    say(desk, 1, 2, 3)
    office.sink.replies.extend([Reply(400)] * 6)
    sending = office.sender(desk)
    assert await sending.send_waiting() == {"dead": 6}
    assert requeue_channel(desk, "wecom") == 3
    assert await sending.send_waiting() == {"sent": 3}
    assert {(row["channel"], row["state"]) for row in deliveries(desk.engine)} == {("ding", "dead"), ("wecom", "sent")}


async def test_what_cannot_be_written_is_dead_and_stops_nobody(office: Office) -> None:
    desk = with_user(office.desk, hook(office.folder, office.sink.url))
    say(desk, 1, due_at="soon")
    say(desk, 2)
    assert await office.sender(desk).send_waiting() == {"dead": 1, "sent": 1}
    assert deliveries(desk.engine)[0]["error"] == "cannot be written: ValueError"
