"""Operations: feeds, dead letters with a question before they go back, who was told what, users, the audit log."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, insert, select

from stream_app import console
from stream_app.console.desk import Desk
from stream_app.console.letters import LettersOutOfReach, Shown
from stream_app.console.settings import DeskSettings
from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import Delivery
from stream_app.console.web.app import create_app
from stream_app.console.web.language import language
from stream_app.console.web.means import Means
from stream_app.console.web.words_of_figures import WORDS, age
from stream_app.wire.invalid import Reason
from tests.console.moments import SetClock
from tests.console.web.conftest import Browsing
from tests.console.web.figures_seeding import SomeLetters, lags, seed_operations
from tests.console.web.markup import Markup
from tests.console.web.seeding import HOSTILE, seed
from tests.console.web.test_hostile_texts import check

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PARTS = ("", "/letters", "/deliveries", "/users", "/audit")


@pytest.fixture
def letters(hostile: str) -> SomeLetters:
    return SomeLetters(hostile)


@pytest.fixture
def app(desk: Desk, engine: Engine, letters: SomeLetters, wall: SetClock, hostile: str) -> FastAPI:
    """Give the application with something to operate."""
    with writing(engine) as connection:
        seed(connection, desk.now(), hostile)
    seed_operations(desk, hostile)
    settings = DeskSettings(cookies_secure=False)
    return create_app(desk, settings, Means(lag=lags, letters=letters, wall=wall))


async def test_feeds_outbox_and_channels_are_shown_as_they_stand(browsing: Browsing) -> None:
    async with browsing("ops") as browser:
        words = Markup((await browser.get("/operations")).text).words
    assert "month-closes 0 0 42" in words  # read up to 0 of 43 with 1 read: 42 behind
    assert "Records behind, in all topics 42 Last fact seen 2025-06-10 10:00 Age of the last fact 0 min" in words
    assert "Outbox: waiting 1" in words
    assert "robot dead 1" in words


@on_sqlite
async def test_letters_go_back_once_they_were_chosen_and_confirmed(
    browsing: Browsing, engine: Engine, letters: SomeLetters
) -> None:
    async with browsing("ops") as browser:
        listed = Markup((await browser.get("/operations/letters")).text).words
        one = Markup((await browser.get("/operations/letters", params={"reason": "not_json"})).text).words
        asked = await browser.fill("/operations/letters/confirm", place="1:2")
        assert letters.sent == []
        nothing = await browser.fill("/operations/letters/confirm")
        done = await browser.fill("/operations/letters/replay", place="1:2")
        after = await browser.get(done.headers["location"])
    assert "usage-events[0]@41" in listed
    assert "billing-events[1]@5" in listed
    assert "usage-events[0]@41" not in one
    assert "Send one letter back to its topic?" in asked.text
    assert "usage-events[0]@41" in listed
    assert "not JSON" in Markup(asked.text).words
    assert 'name="again"' not in asked.text
    assert 'name="place" value="1:2"' in asked.text
    assert 'value="0:7"' not in asked.text
    assert (nothing.status_code, "Choose a letter first." in nothing.text) == (422, True)
    assert letters.sent == [{"1:2"}]
    assert "One letter sent back." in after.text
    assert (
        Markup(after.text).words.count("sent back") == 3
    )  # said once, marked on the letter, and beside it how to choose the others
    with reading(engine) as connection:
        entry = connection.execute(select(AuditEntry).where(AuditEntry.action == "letter_sent_back")).one()
    assert (entry.user_id, entry.detail["place"]) == ("u-ops", "1:2")


@on_sqlite
async def test_a_letter_that_was_sent_back_goes_again_only_if_that_is_said(
    browsing: Browsing, letters: SomeLetters
) -> None:
    letters.letters[0] = letters.letters[0]._replace(sent_back=True)  # by the command
    async with browsing("ops") as browser:
        await browser.fill("/operations/letters/replay", place="1:2")  # from these pages
        letters.sent.clear()
        all_done = Markup((await browser.get("/operations/letters", params={"pick": "all"})).text)
        asked = await browser.fill("/operations/letters/confirm", place="0:7")
        refused = await browser.fill("/operations/letters/replay", place="1:2")
        of_command = await browser.fill("/operations/letters/replay", place="0:7")
        assert letters.sent == []
        done = await browser.fill("/operations/letters/replay", place="0:7", again="yes")
    assert [
        "checked" in box.attributes for box in all_done.named("input") if "checkbox" in box.attributes.values()
    ] == [
        False,
        False,
    ]
    assert "Some of these were sent back before" in Markup(asked.text).words
    again = next(box for box in Markup(asked.text).named("input") if box.attributes.get("name") == "again")
    assert "required" in again.attributes
    assert (refused.status_code, of_command.status_code, done.status_code) == (422, 422, 303)
    assert "Tick that what was sent back before is to be sent again." in refused.text
    assert letters.sent == [{"0:7"}]


@on_sqlite
async def test_all_are_chosen_but_those_that_were_sent_back(browsing: Browsing, letters: SomeLetters) -> None:
    letters.letters[0] = letters.letters[0]._replace(sent_back=True)
    async with browsing("ops") as browser:
        shown = Markup((await browser.get("/operations/letters", params={"pick": "all"})).text)
        plain = Markup((await browser.get("/operations/letters")).text)
    chosen = [
        [box.attributes["value"] for box in each.named("input") if "checked" in box.attributes]
        for each in (shown, plain)
    ]
    assert chosen == [["1:2"], []]


@on_sqlite
async def test_reasons_and_actions_are_told_in_chinese_and_messages_as_they_are(browsing: Browsing) -> None:
    async with browsing("ops") as browser:
        await browser.fill("/account/language", language="zh")
        listed = await browser.get("/operations/letters")
        audit = Markup((await browser.get("/operations/audit")).text)
    assert "billing-events[1]@5" in listed.text
    assert "不是 JSON" in Markup(listed.text).words
    assert '<p lang="en">no JSON</p>' in listed.text
    assert "查看工单" in audit.words
    option = next(each for each in audit.named("option") if each.attributes.get("value") == "case_seen")
    assert option


def test_every_reason_of_a_dead_letter_has_words() -> None:
    assert set(WORDS["letter"]) == set(get_args(Reason))


def test_every_action_that_is_noted_has_words() -> None:
    code = "\n".join(path.read_text() for path in Path(console.__file__).parent.rglob("*.py"))
    noted = set(re.findall(r"audit\.note\([^)]*?\"([a-z_]+)\"", code)) - {"api"}
    assert {"login", "case_seen", "token_made", "exported"} <= noted
    assert noted - set(WORDS["action"]) == set()
    done = set(re.findall(r"_done\(desk, viewer, \"([a-z_]+)\"", code))
    assert {f"team_{what}" for what in done} - set(WORDS["action"]) == set()


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (None, "—", "—"),
        (59, "0 min", "0 分钟"),
        (3_599, "59 min", "59 分钟"),
        (19_595, "5 h 26 min", "5 小时 26 分钟"),
        (86_400 * 3 + 7_300, "3 d 2 h", "3 天 2 小时"),
    ],
)
def test_an_age_is_told_in_its_two_largest_units(seconds: int | None, english: str, chinese: str) -> None:
    assert [age(language(code), seconds) for code in ("en", "zh")] == [english, chinese]


@on_sqlite
async def test_a_letter_that_is_not_there_does_not_go_back(browsing: Browsing, letters: SomeLetters) -> None:
    async with browsing("ops") as browser:
        done = await browser.fill("/operations/letters/replay", place="9:9")
    assert done.headers["location"].endswith("sent=0")
    assert letters.sent == [set()]


@on_sqlite
async def test_it_is_said_where_kafka_does_not_answer(browsing: Browsing, app: FastAPI) -> None:
    class Away:
        def newest(self) -> Sequence[Shown]:
            raise LettersOutOfReach

        def send_back(self, places: Collection[str]) -> int:
            raise LettersOutOfReach(places)

    app.state.means = replace(app.state.means, letters=Away())
    async with browsing("ops") as browser:
        answers = [
            await browser.get("/operations/letters"),
            await browser.fill("/operations/letters/confirm", place="0:7"),
            await browser.fill("/operations/letters/replay", place="0:7"),
        ]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert all("Kafka does not answer: try again." in answer.text for answer in answers)


async def test_what_is_dead_is_sent_again(browsing: Browsing, engine: Engine) -> None:
    async with browsing("ops") as browser:
        dead = Markup((await browser.get("/operations/deliveries", params={"state": "dead"})).text).words
        done = await browser.fill("/operations/deliveries/retry", delivery_id="d-dead")
        gone = await browser.fill("/operations/deliveries/retry", delivery_id="d-sent")
        others = await browser.get("/operations/deliveries", params={"user": "nobody"})
    assert ("dead Send again" in dead, "d-sent" in dead) == (True, False)
    assert (done.status_code, gone.status_code) == (303, 404)
    assert "Nobody has been told anything yet." in others.text
    with reading(engine) as connection:
        assert connection.scalar(select(Delivery.state).where(Delivery.delivery_id == "d-dead")) == "waiting"
        actions = list(connection.scalars(select(AuditEntry.action)))
    assert "delivery_sent_again" in actions


async def test_the_audit_log_is_searched_and_paged(browsing: Browsing, engine: Engine) -> None:
    with writing(engine) as connection:
        rows = [
            {"at": SetClock()(), "user_id": "u-wang", "action": "tasks_seen", "subscriber_id": None} for _ in range(150)
        ]
        connection.execute(insert(AuditEntry), rows)
    async with browsing("ops") as browser:
        newest = await browser.get("/operations/audit", params={"user": "wang"})
        last = newest.text.rpartition("before=")[2].partition('"')[0]
        earlier = await browser.get("/operations/audit", params={"user": "wang", "before": last})
        of_li = Markup((await browser.get("/operations/audit", params={"customer": "c-li"})).text).words
        none = await browser.get("/operations/audit", params={"action": "never"})
    assert (newest.text.count("<tr>"), earlier.text.count("<tr>")) == (101, 51)
    assert "Earlier ones" not in earlier.text
    assert "case looked at c-li" in of_li
    assert "There are no entries." in none.text


@on_sqlite
async def test_users_are_listed_without_what_they_log_in_with(browsing: Browsing) -> None:
    async with browsing("ops") as browser:
        shown = await browser.get("/operations/users")
    assert "sun" in shown.text
    assert "argon2" not in shown.text


@on_sqlite
@pytest.mark.parametrize("hostile", [HOSTILE])
async def test_hostile_records_messages_and_filters_stay_text(browsing: Browsing, hostile: str) -> None:
    async with browsing("ops") as browser:
        for part in PARTS:
            answer = await browser.get(f"/operations{part}")
            assert answer.status_code == 200
            check(answer.text)
            assert "alert(1)" in Markup(answer.text).words
            asked = dict.fromkeys(("user", "action", "customer", "reason", "before"), hostile[:20])
            check((await browser.get(f"/operations{part}", params=asked)).text)
        check((await browser.fill("/operations/letters/confirm", place="0:7")).text)


@on_sqlite
@pytest.mark.parametrize("login", ["li", "sun", "boss"])
async def test_the_pages_are_operations_alone(browsing: Browsing, letters: SomeLetters, login: str) -> None:
    async with browsing(login) as browser:
        for part in PARTS:
            assert (await browser.get(f"/operations{part}")).status_code == 403
        assert (await browser.fill("/operations/letters/replay", place="0:7")).status_code == 403
    assert letters.sent == []
