"""My tasks: what is shown, what a press does, and what is said when it cannot be done."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.database import reading, writing
from stream_app.console.store.read_tables import Customer, MeasureHeld, Sign
from stream_app.console.store.work_tables import Book, Case, Contact, OutboxRecord, Script, User
from tests.console.moments import SetClock
from tests.console.web.conftest import Browsing, Register
from tests.console.web.markup import Markup

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT = datetime(2025, 6, 1, tzinfo=UTC)
ACCEPTED = {"version": "1", "outcome": "accepted", "measure": "deposit_gift", "script_id": "script-one"}


def state_of(engine: Engine, case_id: str = "case-li") -> tuple[str, int]:
    with reading(engine) as connection:
        row = connection.execute(select(Case.state, Case.version).where(Case.case_id == case_id)).one()
    return row.state, row.version


@on_sqlite
async def test_my_list_shows_my_tasks_alone_with_why_what_and_until_when(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        words = Markup((await browser.get("/tasks")).text).words
    for shown in (
        "c-li",
        "risk: critical",
        "C2 gold card",
        "ARPU ¥1,612.34",
        "Due 2025-06-10 11:00",
        "Asked for a port-out code; days since: 1. (asked for on: 2025-06-09",
        "Suggested: deposit with gift",
        "deposit ¥1,200.00, gift credit ¥600.00, 24 months",
        "may be called now",
        "What would make you stay?",
        "To call: 1. Later: 0.",
    ):
        assert shown in words
    for hidden in ("c-wang", "c-held", "c-free", "Wei", "1234"):
        assert hidden not in words.replace("¥1,234", "").replace("161,234", "").replace("¥12.34", "")


@on_sqlite
@pytest.mark.parametrize(
    ("hours", "words"),
    [(0, "may be called now"), (11, "quiet hours may be called from 2025-06-11 09:00"), (30, "overdue")],
)
async def test_whether_one_may_call_now_is_said_in_words(
    browsing: Browsing, clock: SetClock, hours: int, words: str
) -> None:
    async with browsing("li") as browser:
        clock.advance(hours=hours)
        assert words in Markup((await browser.get("/tasks/list")).text).words


async def test_one_press_records_the_result_and_takes_the_card_off_the_list(browsing: Browsing, engine: Engine) -> None:
    async with browsing("li") as browser:
        answer = await browser.post(
            "/tasks/case-li/result", data=ACCEPTED, headers={"x-csrf-token": browser.csrf, "hx-request": "true"}
        )
        listed = Markup((await browser.get("/tasks/list")).text).words
    words = Markup(answer.text).words
    assert (answer.status_code, "<html" in answer.text) == (200, False)
    said = [each.attributes for each in Markup(answer.text).elements if "hx-swap-oob" in each.attributes]
    assert said == [{"id": "done", "hx-swap-oob": "innerHTML"}]
    assert words == "The result is recorded."
    assert (answer.headers["hx-retarget"], answer.headers["hx-reswap"]) == ("closest li", "delete")
    assert "To call: 0. Later: 0. Waiting for enrolment: 1." in listed
    assert state_of(engine) == ("waiting", 2)
    with reading(engine) as connection:
        told = connection.execute(select(Contact.outcome, Contact.measure, Contact.script_id, Contact.user_id))
        assert ("accepted", "deposit_gift", "script-one", "u-li") in [tuple(row) for row in told]
        assert connection.execute(select(OutboxRecord.key)).scalars().all() == ["c-li"]


@on_sqlite
async def test_the_form_of_a_result_comes_when_it_is_unfolded_and_without_scripts_its_place_leads_to_the_case(
    browsing: Browsing,
) -> None:
    async with browsing("li") as browser, browsing("wang") as other:
        page = Markup((await browser.get("/tasks")).text)
        form = Markup((await browser.get("/tasks/case-li/result")).text)
        refused = await other.get("/tasks/case-li/result")
    [place] = [each for each in page.elements if each.attributes.get("class") == "acting"]
    assert place.attributes["hx-get"] == "/tasks/case-li/result"
    assert "Open the case" in page.words
    assert list(page.named("select", "textarea")) == []
    buttons = [each.attributes.get("value") for each in form.named("button") if each.attributes.get("name")]
    assert buttons == ["accepted", "refused", "reached", "not_reached"]
    assert "Script used none Ask first" in form.words
    assert refused.status_code == 404


@on_sqlite
async def test_without_scripts_in_the_browser_a_form_leads_back_to_the_list(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        answer = await browser.fill("/tasks/case-li/result", **ACCEPTED | {"outcome": "not_reached"})
        assert answer.headers["location"] == "/tasks?done=result"
        words = Markup((await browser.get("/tasks?done=result")).text).words
    assert "The result is recorded." in words
    assert "another try" in words
    assert "Calls that reached nobody: 1" in words


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"measure": ""}, "Say which measure the customer accepted."),
        ({"version": "0"}, "The case has changed since it was shown: look at it again."),
        ({"outcome": ""}, "Say what came of the call."),
        ({"measure": "perpetual_motion"}, "This measure is neither suggested nor in the policy."),
        ({"note": "x" * 2000}, "This text is too long."),
        ({"script_id": "nobodys"}, "There is no such script."),
    ],
)
async def test_what_cannot_be_recorded_is_said_at_the_form_and_what_was_typed_stays(
    browsing: Browsing, engine: Engine, changed: dict[str, str], said: str
) -> None:
    sent = ACCEPTED | {"note": "call after six", "competitor_offer": "200 minutes"} | changed
    async with browsing("li") as browser:
        for headers in ({}, {"hx-request": "true"}):
            answer = await browser.post("/tasks/case-li/result", data=sent | {"csrf": browser.csrf}, headers=headers)
            markup = Markup(answer.text)
            assert answer.status_code == 422
            error = next(each for each in markup.elements if each.attributes.get("id") == "error-case-li")
            assert error.attributes["role"] == "alert"
            assert said in markup.words
            assert sent["note"] in markup.words
            tied = [each for each in markup.named("select", "input", "textarea") if each.attributes.get("name") in sent]
            assert any(each.attributes.get("aria-describedby") == "error-case-li" for each in tied)
            assert any(each.attributes.get("value") == "200 minutes" for each in tied)
    assert state_of(engine) == ("open", 1)


@on_sqlite
async def test_a_form_that_lacks_its_version_is_refused_in_words(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        for version in ("", "x", "9" * 5000):
            answer = await browser.fill("/tasks/case-li/result", version=version, outcome="reached")
            assert (answer.status_code, "The form cannot be read" in answer.text) == (422, True)
        assert (await browser.get("/tasks/case-li/state?version=x")).status_code == 422


@on_sqlite
async def test_what_was_said_of_a_result_stands_outside_the_list_and_takes_the_focus(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        page = Markup((await browser.get("/tasks?done=result")).text)
        again = Markup((await browser.get("/tasks/list")).text)
        sent = {"csrf": browser.csrf, "version": "1", "outcome": "reached"}
        answer = Markup((await browser.post("/tasks/case-li/result", data=sent, headers={"hx-request": "true"})).text)
        number = Markup((await browser.post("/tasks/case-li/number", data=sent, headers={"hx-request": "true"})).text)
    region = next(each for each in page.elements if each.attributes.get("id") == "done")
    assert region.attributes["role"] == "status"
    assert any(each.attributes.get("src", "").startswith("/static/focus.js") for each in page.named("script"))
    assert "done" not in {each.attributes.get("id") for each in again.elements}
    for told in (answer, number):
        focused = [each.attributes for each in told.elements if "data-focus" in each.attributes]
        assert [each["tabindex"] for each in focused] == ["-1"]


@on_sqlite
async def test_a_task_shows_its_customer_as_known_now_and_offers_nothing_they_hold(
    browsing: Browsing, engine: Engine
) -> None:
    with writing(engine) as connection:
        connection.execute(update(Customer).where(Customer.subscriber_id == "c-li").values(tier="C5", arpu_fen=9_900))
        held = {"subscriber_id": "c-li", "measure": "deposit_gift", "enrolled_at": AT}
        connection.execute(insert(MeasureHeld).values(held))
    async with browsing("li") as browser, browsing("sun") as supervisor:
        pages = [Markup((await browser.get(path)).text).words for path in ("/tasks", "/tasks/case-li")]
        customer = Markup((await browser.get("/customers/c-li")).text).words
        await supervisor.fill("/team/cases/case-li/assign", to_user_id="u-wang", version="1")
        case = Markup((await supervisor.get("/tasks/case-li")).text).words
    for words in (*pages, case):
        assert "C5" in words
        assert "C2 gold card" not in words
        assert "¥99.00" in words
    for words in (*pages, customer):
        assert "Suggested: " not in words
        assert "Suggested measures" not in words
        assert "gift credit ¥600.00" not in words
    with reading(engine) as connection:
        assert connection.scalar(select(Case.tier).where(Case.case_id == "case-li")) == "C2"


@on_sqlite
async def test_a_task_shows_what_the_customer_did_since_its_reasons_were_told(
    browsing: Browsing, engine: Engine, clock: SetClock
) -> None:
    later = [
        {"subscriber_id": "c-li", "kind": kind, "occurred_at": clock() + timedelta(minutes=number)}
        for number, kind in enumerate(("complaints_escalated", "call_forwarding"), 1)
    ]
    with writing(engine) as connection:
        connection.execute(insert(Sign), later)
    async with browsing("li") as browser:
        pages = [Markup((await browser.get(path)).text).words for path in ("/tasks", "/tasks/case-li")]
        customer = Markup((await browser.get("/customers/c-li")).text).words
    for words in pages:
        assert words.index("since then") < words.index("forwarded calls") < words.index("complained, escalated")
        assert words.count("complained") == 1  # what came before the reasons stands in them
    assert "complained, escalated" in customer
    assert customer.count("complained") == 2


@on_sqlite
async def test_scripts_of_the_language_of_the_page_come_first(browsing: Browsing, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(User).values(language=""))
        row = {"measure": "deposit_gift", "user_id": "u-wang", "made_at": AT, "is_shared": True, "text": "x"}
        connection.execute(insert(Script).values(row | {"script_id": "zh", "language": "zh", "title": "Zhongwen"}))
    firsts = {}
    for language in ("en", "zh-CN"):
        async with browsing("li", **{"accept-language": language}) as browser:
            for path in ("/tasks", "/tasks/case-li"):
                words = Markup((await browser.get(path)).text).words
                firsts[language, path] = words.index("Zhongwen") < words.index("Ask first")
            await browser.fill("/scripts", measure="family_plan", title=language, text="words")
    assert {language for (language, _), is_first in firsts.items() if is_first} == {"zh-CN"}
    assert len(firsts) == 4
    with reading(engine) as connection:
        kept = connection.execute(select(Script.title, Script.language).where(Script.measure == "family_plan"))
        assert {tuple(row) for row in kept} == {("en", "en"), ("zh-CN", "zh")}


@on_sqlite
async def test_a_card_folds_away_all_but_what_leads(browsing: Browsing, engine: Engine) -> None:
    measures = ["deposit_gift", "family_plan", "mailbox", "messaging", "direct_debit"]
    with writing(engine) as connection:
        connection.execute(update(Case).where(Case.case_id == "case-li").values(suggested_measures=measures))
        connection.execute(delete(MeasureHeld))
    async with browsing("li") as browser:
        page = Markup((await browser.get("/tasks")).text)
    assert "Suggested: deposit with gift, family plan, mailbox +2" in page.words
    assert "Also suggested: messaging, direct debit" in page.words
    folded = [each for each in page.named("details") if each.attributes.get("class") == "more"]
    assert len(folded) == 1
    assert "open" not in folded[0].attributes


@on_sqlite
async def test_fields_that_the_button_has_no_use_for_are_left_out(browsing: Browsing, engine: Engine) -> None:
    async with browsing("li") as browser:
        sent = ACCEPTED | {"outcome": "refused", "reason": "price"}
        assert (await browser.fill("/tasks/case-li/result", **sent)).status_code == 303
    with reading(engine) as connection:
        rows = connection.execute(select(Contact).where(Contact.event_id != "e1")).all()
    assert [(row.outcome, row.measure, row.reason) for row in rows] == [("refused", None, "price")]


@on_sqlite
async def test_name_and_number_come_on_a_press_alone_and_each_look_is_in_the_log(
    browsing: Browsing, engine: Engine, register: Register
) -> None:
    async with browsing("li") as browser:
        for path in ("/tasks", "/tasks/list", "/tasks/case-li", "/customers/c-li"):
            text = (await browser.get(path)).text
            assert "0000 1234" not in text
            assert "Wei" not in text
        assert register.asked == []
        shown = await browser.post("/tasks/case-li/number", data={"csrf": browser.csrf}, headers={"hx-request": "true"})
        whole = await browser.fill("/tasks/case-li/number")
    assert 'href="tel:00013800001234"' in shown.text
    assert "000-138 0000 1234" in shown.text
    assert shown.headers["cache-control"] == whole.headers["cache-control"] == "no-store"
    assert "<html" in whole.text
    with reading(engine) as connection:
        log = connection.execute(select(AuditEntry).where(AuditEntry.action == "number_shown")).all()
    assert [(row.user_id, row.subscriber_id, row.detail) for row in log] == [
        ("u-li", "c-li", {"case_id": "case-li"})
    ] * 2
    assert "1234" not in str([tuple(row) for row in log]).replace("case-li", "")


@on_sqlite
async def test_the_number_of_who_asked_not_to_be_called_is_not_shown(
    browsing: Browsing, engine: Engine, register: Register
) -> None:
    with writing(engine) as connection:
        connection.execute(update(Book).values(do_not_call=True))
    async with browsing("li") as browser:
        page = Markup((await browser.get("/tasks/case-li")).text)
        answer = await browser.fill("/tasks/case-li/number")
    assert "asked not to be called" in page.words
    assert "This customer asked not to be called." in answer.text
    assert register.asked == []


@on_sqlite
async def test_supervisors_open_their_branch_s_cases_but_are_not_shown_the_number(browsing: Browsing) -> None:
    async with browsing("sun") as browser, browsing("zhou") as elsewhere, browsing("wu") as everywhere:
        page = await browser.get("/tasks/case-li")
        assert (page.status_code, "Show the number" in page.text) == (200, False)
        assert (await browser.fill("/tasks/case-li/number")).status_code == 403
        assert (await elsewhere.get("/tasks/case-li")).status_code == 404
        assert (await everywhere.get("/tasks/case-li")).status_code == 200
        assert (await everywhere.get("/tasks/case-far")).status_code == 200


@on_sqlite
async def test_an_open_page_says_that_its_case_has_changed(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        assert "has changed" not in (await browser.get("/tasks/case-li/state?version=1")).text
        await browser.fill("/tasks/case-li/notes", text="call after six")
        changed = await browser.get("/tasks/case-li/state?version=1")
        page = await browser.get("/tasks/case-li")
    assert "The case has changed since this page was shown: it is now “to be called”." in changed.text
    assert "call after six" in page.text


@on_sqlite
async def test_what_is_typed_into_a_task_outlives_a_new_list_until_the_task_itself_changes(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        first = Markup((await browser.get("/tasks/list")).text)
        again = Markup((await browser.get("/tasks/list")).text)
        await browser.fill("/tasks/case-li/notes", text="changed")
        later = Markup((await browser.get("/tasks/list")).text)
    kept = [
        [each.attributes["id"] for each in page.elements if "hx-preserve" in each.attributes]
        for page in (first, again, later)
    ]
    for ids, version in zip(kept, (1, 1, 2), strict=True):
        assert {f"more-case-li-{version}-1", f"act-case-li-{version}"} <= set(ids)


@on_sqlite
async def test_a_note_that_is_empty_is_refused_in_words(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        for path in ("/tasks/case-li/notes", "/customers/c-li/notes"):
            answer = await browser.fill(path, text="  ")
            assert (answer.status_code, "Write something first." in answer.text) == (422, True)


@on_sqlite
async def test_balance_warnings_stand_apart_for_the_own_book_and_the_branch(browsing: Browsing, engine: Engine) -> None:
    async with browsing("li") as browser, browsing("sun") as supervisor:
        mine = Markup((await browser.get("/balances")).text).words
        branch = Markup((await supervisor.get("/balances")).text).words
    assert "c-li ¥5.12" in mine
    assert "c-wang" not in mine
    assert "c-wang" in branch
    assert "c-far" not in branch
    with reading(engine) as connection:
        log = connection.execute(select(AuditEntry.user_id).where(AuditEntry.action == "balances_seen")).scalars().all()
    assert set(log) == {"u-li", "u-sun"}


@on_sqlite
async def test_a_customer_without_a_case_takes_no_note_and_says_so(browsing: Browsing, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(Book).values(subscriber_id="c-free", manager_id="u-li", do_not_call_note=""))
        connection.execute(update(Case).where(Case.case_id == "case-free").values(state="closed"))
    async with browsing("li") as browser:
        answer = await browser.fill("/customers/c-free/notes", text="x")
    assert (answer.status_code, "There is no such case." in answer.text) == (422, True)
