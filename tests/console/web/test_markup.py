"""Every page can be used by keyboard and by who does not see it: labels, headings, names, nothing twice."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.console.web.conftest import Browsing
from tests.console.web.markup import Markup

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGES = {
    "": ["/login"],
    "li": ["/tasks", "/tasks/case-li", "/customers/c-li", "/scripts", "/account", "/book", "/balances", "/nowhere"],
    "sun": ["/tasks/case-free", "/customers/c-li", "/team"],
    "boss": ["/business"],
    "ops": ["/operations"],
}
FIELDS = ("input", "select", "textarea")


@pytest.mark.parametrize("login", PAGES)
async def test_pages_are_whole_and_everything_in_them_has_a_name(browsing: Browsing, login: str) -> None:
    async with browsing(login) as browser:
        for path in PAGES[login]:
            markup = Markup((await browser.get(path)).text)
            assert markup.faults == [], path
            ids = Counter(element.attributes["id"] for element in markup.elements if "id" in element.attributes)
            assert [name for name, count in ids.items() if count > 1] == [], path
            check_fields(markup, set(ids), path)
            check_structure(markup, set(ids), path)


def check_fields(markup: Markup, ids: set[str], path: str) -> None:
    labels = {label.attributes.get("for") for label in markup.named("label")}
    for field in markup.named(*FIELDS):
        is_seen = field.attributes.get("type") != "hidden" and "hidden" not in field.attributes
        is_named = field.attributes.get("id") in labels or "label" in field.parents or "aria-label" in field.attributes
        assert is_named or not is_seen, (path, field)
        assert set(field.attributes.get("aria-describedby", "").split()) <= ids, (path, field)
    assert labels - {None} <= ids, path


def check_structure(markup: Markup, ids: set[str], path: str) -> None:
    assert len([*markup.named("h1")]) == 1, path
    assert len([*markup.named("main")]) == 1, path
    levels = [int(each.name[1]) for each in markup.named("h1", "h2", "h3", "h4")]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), (path, levels)
    for element in markup.elements:
        assert set(element.attributes.get("aria-labelledby", "").split()) <= ids, (path, element)
        assert int(element.attributes.get("tabindex", 0)) <= 0, path
    assert all("scope" in cell.attributes for cell in markup.named("th")), path
    skip = next(markup.named("a"))
    assert skip.attributes["href"] == "#content"
    assert "content" in ids


async def test_forms_of_pages_work_without_scripts_and_carry_the_session_s_token(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        for path in PAGES["li"]:
            text = (await browser.get(path)).text
            for form in text.split("<form")[1:]:
                opening, body = form.split(">", 1)
                if 'method="post"' in opening:
                    assert 'action="/' in opening, path
                    assert f'name="csrf" value="{browser.csrf}"' in body.split("</form>")[0], path
