"""Scripts: shared as the plain text they are, rated by who stayed."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, select

from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.store.read_tables import Customer
from stream_app.console.store.work_tables import Contact, Script
from stream_app.console.web.scripts_view import best_for, scripts
from tests.console.web.conftest import Browsing
from tests.console.web.markup import Markup

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def used(engine: Engine, desk: Desk, script_id: str, stayed: int, left: int) -> None:
    """Let a script have been used 40 days ago, with so many customers here and gone since."""
    keys = [f"{script_id}-{number}" for number in range(stayed + left)]
    calls = {"case_id": "case-li", "user_id": "u-li", "at": desk.now() - timedelta(days=40), "script_id": script_id}
    with writing(engine) as connection:
        here = [{"subscriber_id": key, "on_network": number < stayed} for number, key in enumerate(keys)]
        connection.execute(insert(Customer), here)
        told = [{**calls, "event_id": key, "subscriber_id": key, "outcome": "accepted"} for key in keys]
        connection.execute(insert(Contact), told)


async def test_scripts_are_rated_by_the_share_that_stayed_and_few_uses_do_not_come_first(
    browsing: Browsing, engine: Engine, desk: Desk
) -> None:
    async with browsing("li") as browser:
        for title in ("lucky", "steady"):
            sent = await browser.fill("/scripts", measure="deposit_gift", title=title, text="words")
            assert sent.status_code == 303
        with reading(engine) as connection:
            ids = {row.title: row.script_id for row in connection.execute(select(Script.title, Script.script_id))}
        used(engine, desk, ids["lucky"], stayed=1, left=0)
        used(engine, desk, ids["steady"], stayed=36, left=4)
        words = Markup((await browser.get("/scripts")).text).words
    assert "Uses: 40, accepted: 40. Still here: 90% of 40 (between 77% and 96%)." in words
    assert words.index("steady") < words.index("lucky") < words.index("Ask first")
    with reading(engine) as connection:
        assert [one.script.title for one in scripts(connection, desk.now(), "family_plan")] == []
        found = best_for(connection, desk.now(), ["family_plan", "deposit_gift"], "en")
    assert [one.script.title for one in found] == ["steady", "lucky", "Ask first"]


@on_sqlite
async def test_a_script_keeps_its_lines_and_is_the_author_s(browsing: Browsing, engine: Engine) -> None:
    async with browsing("wang") as browser:
        await browser.fill("/scripts", measure="family_plan", title="  Two lines ", text="First.\r\nSecond.")
        page = await browser.get("/scripts?measure=family_plan")
    assert "Two lines" in page.text
    assert "Ask first" not in Markup(page.text).words
    with reading(engine) as connection:
        row = connection.execute(select(Script).where(Script.measure == "family_plan")).one()
    assert (row.title, row.text.splitlines(), row.user_id) == ("Two lines", ["First.", "Second."], "u-wang")


@on_sqlite
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"measure": "deposit_gift", "title": "", "text": "x"}, "A script needs a title and a text."),
        ({"measure": "deposit_gift", "title": "x", "text": " "}, "A script needs a title and a text."),
        ({"measure": "nonsense", "title": "kept as typed", "text": "x"}, "Choose a measure from the list."),
        ({"measure": "deposit_gift", "title": "x" * 300, "text": "x"}, "This text is too long."),
        (
            {"measure": "deposit_gift", "title": "x", "text": "a\x01b"},
            "This text holds characters that cannot be kept.",
        ),
    ],
)
async def test_a_script_that_will_not_do_is_refused_in_words(
    browsing: Browsing, engine: Engine, fields: dict[str, str], said: str
) -> None:
    async with browsing("li") as browser:
        answer = await browser.fill("/scripts", **fields)
    assert answer.status_code == 422
    assert said in Markup(answer.text).words
    if fields["title"]:
        assert f'value="{fields["title"]}"' in answer.text
    with reading(engine) as connection:
        assert len(connection.execute(select(Script)).all()) == 1
