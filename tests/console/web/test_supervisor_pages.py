"""A supervisor's page: the branch's load, who is given which case, who is away; nothing of another branch."""

import pytest
from sqlalchemy import Engine, select, update

from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.database import reading
from stream_app.console.store.read_tables import Customer
from stream_app.console.store.work_tables import Case, CaseEvent, User
from tests.console.moments import SetClock
from tests.console.web.conftest import Browsing
from tests.console.web.figures_seeding import seed_figures
from tests.console.web.markup import Markup

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def holder(engine: Engine, case_id: str) -> str | None:
    with reading(engine) as connection:
        return connection.scalar(select(Case.manager_id).where(Case.case_id == case_id))


def audited(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(AuditEntry.action).order_by(AuditEntry.entry_no)))


async def test_the_page_shows_the_branch_and_no_other(desk: Desk, browsing: Browsing) -> None:
    async with browsing("sun") as browser:
        seed_figures(desk)
        shown = await browser.get("/team")
    words = Markup(shown.text).words
    assert shown.status_code == 200
    assert "Li" in words
    assert "Wang" in words
    assert "Zhao" not in words
    assert "c-free" in words
    assert "c-far" not in words
    assert "Retained by measure" in words
    assert "too few cases to tell" in words  # n1 and n3 were called; n0 and n2 held out


async def test_a_case_is_given_to_another_with_a_note(browsing: Browsing, engine: Engine) -> None:
    async with browsing("sun") as browser:
        done = await browser.fill(
            "/team/cases/case-free/assign", to_user_id="u-wang", version="1", note="ask for her plan"
        )
        stale = await browser.fill("/team/cases/case-free/assign", to_user_id="u-li", version="1")
        shown = await browser.get(done.headers["location"])
    assert (done.status_code, stale.status_code) == (303, 422)
    assert "The case has changed since it was shown" in stale.text
    assert "The case is given to another." in shown.text
    assert holder(engine, "case-free") == "u-wang"
    with reading(engine) as connection:
        notes = connection.scalars(select(CaseEvent.note).where(CaseEvent.case_id == "case-free")).all()
    assert "ask for her plan" in notes
    assert "team_assigned" in audited(engine)


@on_sqlite
async def test_nobody_of_another_branch_is_given_a_case_and_no_case_of_another_is_given(
    browsing: Browsing, engine: Engine
) -> None:
    async with browsing("sun") as browser:
        foreign = await browser.fill("/team/cases/case-far/assign", to_user_id="u-li", version="1")
        outsider = await browser.fill("/team/cases/case-free/assign", to_user_id="u-zhao", version="1")
        nobody = await browser.fill("/team/cases/case-free/assign", to_user_id="u-nobody", version="1")
    assert (foreign.status_code, outsider.status_code, nobody.status_code) == (404, 422, 422)
    assert (holder(engine, "case-far"), holder(engine, "case-free")) == ("u-zhao", None)
    assert "refused" in audited(engine)


async def test_all_open_cases_of_a_phone_manager_are_handed_over(browsing: Browsing, engine: Engine) -> None:
    async with browsing("sun") as browser:
        foreign = await browser.fill("/team/hand-over", from_user_id="u-zhao", to_user_id="u-li")
        done = await browser.fill("/team/hand-over", from_user_id="u-li", to_user_id="u-wang", note="on leave")
    assert (foreign.status_code, done.status_code) == (404, 303)
    assert holder(engine, "case-li") == "u-wang"
    assert holder(engine, "case-far") == "u-zhao"


async def test_an_absence_is_noted_and_taken_back(browsing: Browsing, engine: Engine) -> None:
    async with browsing("sun") as browser:
        odd = await browser.fill("/team/absence", of_user_id="u-li", first="2025-06-12", back="2025-06-10")
        half = await browser.fill("/team/absence", of_user_id="u-li", first="2025-06-12")
        foreign = await browser.fill("/team/absence", of_user_id="u-zhao", first="2025-06-10", back="2025-06-12")
        done = await browser.fill("/team/absence", of_user_id="u-li", first="2025-06-10", back="2025-06-12")
        away = Markup((await browser.get("/team")).text).words
        back = await browser.fill("/team/absence", of_user_id="u-li")
        said = [Markup((await browser.get(each.headers["location"])).text).words for each in (done, back)]
    assert [each.status_code for each in (odd, half, foreign, done, back)] == [422, 422, 404, 303, 303]
    assert "Li away" in away
    assert "The absence is noted; cases go to whoever serves the customers" in said[0]
    assert "The absence is cleared: the phone manager is given cases again." in said[1]
    with reading(engine) as connection:
        days = connection.execute(select(User.absent_from, User.absent_until).where(User.user_id == "u-li")).one()
    assert tuple(days) == (None, None)


@on_sqlite
async def test_what_is_late_stands_on_the_page_until_it_is_given_on(
    browsing: Browsing, engine: Engine, clock: SetClock
) -> None:
    async with browsing("sun") as browser:
        before = Markup((await browser.get("/team")).text).words
        clock.advance(hours=2)
        with engine.begin() as connection:
            connection.execute(update(Case).where(Case.case_id == "case-wang").values(escalated_at=clock()))
        after = Markup((await browser.get("/team")).text).words
    assert "c-li" not in before
    assert "c-li" in after
    assert "with the supervisor" in after


@on_sqlite
async def test_a_case_is_offered_only_to_who_is_here_and_serves_its_tier(browsing: Browsing, engine: Engine) -> None:
    async def offered() -> set[str]:
        page = Markup((await browser.get("/team")).text)
        assert ("Nobody else who is here serves this branch and tier." in page.words) == ("Give to" not in page.words)
        place = [each.name for each in page.elements]
        start = next(
            (n for n, each in enumerate(page.elements) if each.attributes.get("id") == "to-case-free"), len(place)
        )
        stop = next((n for n in range(start + 1, len(place)) if place[n] != "option"), len(place))
        return {each.attributes["value"] for each in page.elements[start + 1 : stop]} - {""}

    async with browsing("sun") as browser:
        assert await offered() == {"u-li", "u-wang"}
        with engine.begin() as connection:
            connection.execute(update(User).where(User.user_id == "u-li").values(tiers=["C4", "C5"]))
            connection.execute(update(Customer).where(Customer.subscriber_id == "c-free").values(tier="C5"))
        assert await offered() == {"u-wang"}  # by the tier of the case, whatever the customer has now
        await browser.fill("/team/absence", of_user_id="u-wang", first="2025-06-10", back="2025-06-12")
        assert await offered() == set()


@on_sqlite
async def test_the_tables_are_given_as_csv(desk: Desk, browsing: Browsing) -> None:
    async with browsing("sun") as browser:
        seed_figures(desk)
        calls = (await browser.get("/team/calls.csv")).text.splitlines()
        missing = await browser.get("/team/nothing.csv")
    assert calls[0].removeprefix("\ufeff") == "day,calls,accepted,refused,reached,not_reached"
    assert "2025-06-08,1,0,1,0,0" in calls
    assert missing.status_code == 404


@on_sqlite
@pytest.mark.parametrize("login", ["li", "boss", "ops"])
async def test_the_page_is_the_supervisors_alone(browsing: Browsing, login: str) -> None:
    async with browsing(login) as browser:
        assert (await browser.get("/team")).status_code == 403
        assert (await browser.fill("/team/hand-over", from_user_id="u-li")).status_code == 403
