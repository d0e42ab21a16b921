"""Whatever stands in a text, an id or a name, from people or from facts: it is shown as text."""

import pytest

from tests.console.web.conftest import Browsing
from tests.console.web.markup import Markup
from tests.console.web.seeding import HOSTILE

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGES = {
    "li": ["/tasks", "/tasks/list", "/tasks/case-li", "/customers/c-li", "/scripts", "/account", "/book", "/balances"],
    "sun": ["/tasks/case-free", "/customers/c-li", "/book", "/balances", "/scripts", "/team"],
    "boss": ["/business"],
    "ops": ["/operations", "/operations/users"],
}
FORMS = {  # each field that takes a text, and where the text is seen afterwards
    "/tasks/case-li/notes": ({"text": HOSTILE}, "/tasks/case-li"),
    "/customers/c-li/notes": ({"text": HOSTILE}, "/customers/c-li"),
    "/customers/c-li/do-not-call": ({"do_not_call": "yes", "note": HOSTILE}, "/customers/c-li"),
    "/scripts": ({"measure": "deposit_gift", "title": HOSTILE, "text": HOSTILE}, "/scripts"),
    "/tasks/case-li/result": (
        {"version": "1", "outcome": "refused", "reason": HOSTILE, "competitor_offer": HOSTILE, "note": HOSTILE},
        "/customers/c-li",
    ),
}
REFUSED = {  # what is refused is shown again, in the form
    "/scripts": {"measure": HOSTILE, "title": HOSTILE, "text": HOSTILE},
    "/tasks/case-li/result": {"version": "7"} | dict.fromkeys(("outcome", "measure", "note"), HOSTILE),
    "/tasks/case-li/notes": {"text": HOSTILE + "\x01"},
    "/account/absence": {"absent_from": HOSTILE[:10], "absent_until": HOSTILE[:10]},
    "/account/language": {"language": HOSTILE[:8]},
}  # fmt: skip


def check(text: str) -> None:
    """Make sure that nothing of the hostile text became markup."""
    markup = Markup(text)
    assert markup.faults == []
    assert {element.name for element in markup.elements} & {"img", "iframe", "style", "object"} == set()
    for script in markup.named("script"):  # data for charts stand in one that does not run
        is_data = script.attributes.get("type") == "application/json"
        assert is_data or script.attributes.get("src", "").startswith("/static/")
    attributes = {name for element in markup.elements for name in element.attributes}
    assert [name for name in attributes if name.startswith("on") or name == "style"] == []
    assert "111111111" not in text  # {{ ... }} was not worked out
    for element in markup.elements:
        for name in ("href", "action", "src", "hx-get", "hx-post"):
            assert element.attributes.get(name, "/").startswith(("/", "#", "tel:"))


@on_sqlite
@pytest.mark.parametrize("hostile", [HOSTILE])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_hostile_texts_of_facts_and_people_stay_text_on_every_page(browsing: Browsing, language: str) -> None:
    for login, paths in PAGES.items():
        async with browsing(login) as browser:
            await browser.fill("/account/language", language=language)
            for path in paths:
                answer = await browser.get(path)
                assert answer.status_code == 200
                check(answer.text)
                is_shown = "alert(1)" in Markup(answer.text).words  # it is there, and it is text
                assert is_shown or path in {"/business", "/operations"}, path


@on_sqlite
@pytest.mark.parametrize("path", FORMS)
async def test_a_hostile_text_sent_through_a_form_is_shown_as_text(browsing: Browsing, path: str) -> None:
    fields, seen_at = FORMS[path]
    async with browsing("li") as browser:
        sent = await browser.fill(path, **fields)
        assert sent.status_code == 303, sent.text
        shown = await browser.get(seen_at)
        check(shown.text)
        assert HOSTILE in Markup(shown.text).words
        assert "alert" not in str(sent.headers)


@on_sqlite
@pytest.mark.parametrize("path", REFUSED)
async def test_a_hostile_text_that_is_refused_is_shown_again_as_text(browsing: Browsing, path: str) -> None:
    async with browsing("li") as browser:
        for headers in ({}, {"hx-request": "true"}):
            answer = await browser.post(path, data={"csrf": browser.csrf, **REFUSED[path]}, headers=headers)
            assert answer.status_code in {303, 422}
            check(answer.text)


@on_sqlite
async def test_a_hostile_address_is_not_found_and_not_repeated(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        for path in ("/customers/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "/tasks/%22%3E%3Cimg%20src=x%3E", "/%3Cb%3E"):
            answer = await browser.get(path)
            assert answer.status_code == 404
            check(answer.text)
        answer = await browser.get("/scripts", params={"measure": HOSTILE})
        check(answer.text)


@on_sqlite
async def test_a_name_from_the_identity_source_is_text_too(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        shown = await browser.fill("/tasks/case-li/number")
    assert "Chen <i>Wei</i>" in Markup(shown.text).words
    assert "<i>" not in shown.text
