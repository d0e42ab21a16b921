"""A customer's page: what they are worth and why, what happened, and who may call them."""

import pytest
from sqlalchemy import Engine, delete, select, update

from stream_app.console.store.database import reading, writing
from stream_app.console.store.read_tables import Customer, RiskChange, TierChange
from stream_app.console.store.work_tables import Book
from tests.console.web.conftest import Browsing
from tests.console.web.markup import Markup

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def words_of(browsing: Browsing, login: str = "li", path: str = "/customers/c-li") -> str:
    async with browsing(login) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200
    return Markup(answer.text).words


@on_sqlite
async def test_why_gold_is_said_by_the_window_that_the_tier_rests_on(browsing: Browsing) -> None:
    words = await words_of(browsing)
    for said in (
        "Why C2 gold card?",
        "bring ¥1,612.34 a month on average, at or above the ¥1,500.00 of C2 gold card.",
        "The tier rests on a month that is still open.",
        "C1 diamond card begins at ¥3,000.00.",
        "It went up from C3 silver card to C2 gold card on 2025-05-21, because this month's revenue reached it.",
        "2025-06 ¥1,737.02 billed, month open",
        "risk: critical as told on 2025-06-10 0",
    ):
        assert said in words


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"to_tier": None, "direction": "down", "reason": "arrears", "arpu_fen": 161_234},
            "because bills are overdue.",
        ),
        ({"to_tier": "C1", "arpu_fen": 161_234}, "below the ¥3,000.00 of C1 diamond card; it is held until"),
        ({"to_tier": "GOLD", "policy_version": "megaline-1"}, "bring ¥1,612.34 a month on average. The tier rests"),
    ],
)
async def test_a_tier_lost_kept_or_of_another_policy_is_explained_too(
    browsing: Browsing, engine: Engine, changed: dict[str, object], said: str
) -> None:
    with writing(engine) as connection:
        connection.execute(update(TierChange).values(changed))
    assert said in await words_of(browsing)


async def test_a_page_tells_of_risk_measures_months_and_all_that_happened(browsing: Browsing) -> None:
    words = await words_of(browsing)
    for said in (
        "Asked for a port-out code; days since: 1.",
        "Stabilising measures held: 1. (held: family plan) -5",
        "2025-05 ¥1,600.00 ¥1,510.00 C2 gold card important 1",
        "Churn risk: none → critical, score 80 of 100",
        "Call: refused, too expensive; competitor's offer: 200 minutes",
        "Case: note Li call after six",
        "family plan: enrolled",
        "Came onto the network",
        "score 61 of 100",
    ):
        assert said in words


@on_sqlite
async def test_a_customer_of_whom_little_is_known_has_a_page_all_the_same(browsing: Browsing, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(delete(TierChange))
        connection.execute(delete(RiskChange))
        bare = dict.fromkeys(("tier", "official_tier", "plan", "brand", "group_id", "joined_on", "balance_fen"))
        connection.execute(update(Customer).values(bare | {"on_network": False, "balance_at": None}))
    words = await words_of(browsing, "wang", "/customers/c-wang")
    for said in ("Why no tier?", "No change of tier is known yet.", "left the network", "No month has closed yet."):
        assert said in words


@on_sqlite
async def test_who_asked_not_to_be_called_is_marked_and_can_be_called_again(browsing: Browsing, engine: Engine) -> None:
    async with browsing("li") as browser:
        answer = await browser.fill("/customers/c-li/do-not-call", do_not_call="yes", note="asked twice")
        assert answer.headers["location"] == "/customers/c-li?done=barred"
        page = Markup((await browser.get("/customers/c-li?done=barred")).text).words
        assert "Noted: not to be called any more." in page
        assert "asked twice" in page
        assert "asked not to be called" in Markup((await browser.get("/tasks")).text).words
        answer = await browser.fill("/customers/c-li/do-not-call", do_not_call="no")
        page = Markup((await browser.get(answer.headers["location"])).text).words
        assert "Noted: may be called again." in page
    with reading(engine) as connection:
        assert not connection.execute(select(Book.do_not_call).where(Book.subscriber_id == "c-li")).scalar_one()


@on_sqlite
async def test_cases_of_the_held_out_are_not_shown_to_managers(browsing: Browsing) -> None:
    assert "There is no case." in await words_of(browsing, "li", "/customers/c-held")
    assert "held out" in await words_of(browsing, "sun", "/customers/c-held")
