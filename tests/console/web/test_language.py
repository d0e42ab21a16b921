"""Every text has its Chinese, and each reader gets the language they asked for."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest

from stream_app.console.access.viewer import ROLES
from stream_app.console.cases.refused import Why
from stream_app.console.web import words_of_codes, words_of_reasons
from stream_app.console.web.language import asked_for, language
from stream_app.console.web.words import figures, level, terms, tier, why, yuan
from stream_app.core import facts
from stream_app.core.desk.course import CloseReason, State
from stream_app.core.indicators import INDICATORS
from stream_app.core.policy import Policy
from stream_app.wire.models import Outcome
from tests.console.web.conftest import Browsing
from tests.console.web.extraction import catalogues, said
from tests.console.web.markup import Markup

PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%|%")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_BOTH = {"ARPU"}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def translations() -> Iterator[tuple[str, str]]:
    for _path, catalogue in catalogues("zh"):
        yield from ((str(message.id), str(message.string)) for message in catalogue if message.id)


def test_every_text_that_is_said_has_its_chinese_and_every_translation_is_of_use() -> None:
    known = dict(translations())
    assert {text: where for text, where in said().items() if not known.get(text)} == {}
    assert set(known) - set(said()) == set()


def test_no_text_has_two_translations_and_none_is_fuzzy() -> None:
    seen: dict[str, set[str]] = {}
    for text, chinese in translations():
        seen.setdefault(text, set()).add(chinese)
    assert {text: found for text, found in seen.items() if len(found) > 1} == {}
    assert [
        message.id for _, catalogue in catalogues("zh") for message in catalogue if message.id and message.fuzzy
    ] == []


def test_what_is_put_into_a_text_is_put_into_its_translation() -> None:
    named = [(text, chinese, names(text), names(chinese)) for text, chinese in translations()]
    assert {text: chinese for text, chinese, in_text, in_chinese in named if in_text != in_chinese} == {}


def test_what_is_formatted_can_be() -> None:
    """A template formats every text that it says, code those that something is put into: a lone % would fail there."""
    where = said()
    for text, chinese in translations():
        if names(text) or any(".html" in place for place in where.get(text, ())):
            for each in (text, chinese):
                assert each % dict.fromkeys(names(each), "x")


def names(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def test_translations_are_chinese() -> None:
    wordy = {text: chinese for text, chinese in translations() if re.search(r"[A-Za-z]{3}", PLACEHOLDER.sub("", text))}
    assert {text for text, chinese in wordy.items() if not CHINESE.search(chinese)} - SAME_IN_BOTH == set()


def test_every_code_of_the_contract_and_of_cases_has_a_word() -> None:
    groups = {name: set(codes) for name, codes in words_of_codes.GROUPS.items()}
    assert groups["indicator"] >= {*INDICATORS, "left", "tier_lost"}
    assert set(words_of_reasons.SENTENCES) == groups["indicator"]
    assert groups["value_class"] == set(get_args(facts.ValueClass))
    assert groups["level"] == set(get_args(facts.Level)) == set(words_of_codes.LEVELS)
    assert groups["tier_reason"] == set(get_args(facts.Reason))
    assert groups["outcome"] == set(get_args(Outcome))
    assert groups["close_reason"] >= set(get_args(CloseReason))
    assert groups["state"] == set(get_args(State))
    assert groups["role"] == set(ROLES)
    assert groups["why_refused"] == {each.name.lower() for each in Why}


def test_every_measure_of_the_shipped_policy_has_a_word(default_policy: Policy) -> None:
    named = {name for row in default_policy.retention_matrix for name in row.measures}
    named |= {*default_policy.measures.stabilising, *default_policy.measures.sticky_services}
    named |= {offer.measure for offer in default_policy.offers}
    assert named - set(words_of_codes.GROUPS["measure"]) == set()


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("de,en;q=0.5", "en"),
        ("en;q=0.3,zh-TW;q=0.7", "zh"),
        ("zh;q=0,en;q=0.1", "en"),
        ("fr", "zh"),
        ("", "zh"),
        ("en;q=x", "zh"),
        ("*", "zh"),
        (",,;q=", "zh"),
    ],
)
def test_a_browser_gets_the_language_that_it_likes_best(header: str, code: str) -> None:
    assert asked_for(header) == code


@on_sqlite
async def test_the_user_s_own_language_comes_before_the_cookie_and_that_before_the_browser_s(
    browsing: Browsing,
) -> None:
    async with browsing(**{"accept-language": "en"}) as browser:
        assert '<html lang="en">' in (await browser.get("/login")).text
        await browser.get("/login", params={"language": "zh"})
        assert '<html lang="zh-CN">' in (await browser.get("/login")).text
    async with browsing("li", **{"accept-language": "zh"}) as browser:
        assert '<html lang="en">' in (await browser.get("/tasks")).text
        await browser.fill("/account/language", language="zh")
        assert '<html lang="zh-CN">' in (await browser.get("/tasks")).text


@on_sqlite
async def test_a_chinese_page_says_nothing_in_english(browsing: Browsing) -> None:
    english = {
        text for text, chinese in translations() if text != chinese and re.fullmatch(r"[A-Z][a-z ]{6,}\.?", text)
    }
    paths = {
        "li": ["/tasks", "/tasks/case-li", "/customers/c-li", "/scripts", "/account", "/book", "/balances", "/nowhere"],
        "boss": ["/tasks"],
    }
    for login, of_login in paths.items():
        async with browsing(login) as browser:
            await browser.fill("/account/language", language="zh")
            for path in of_login:
                words = Markup((await browser.get(path)).text).words
                assert {text for text in english if text in words} == set(), path
                assert CHINESE.search(words)


def test_reasons_are_told_in_sentences_with_their_figures(default_policy: Policy) -> None:
    english, chinese = language("en"), language("zh")
    pace = {"indicator": "spend_pace_percent", "value": 37, "evidence": {"so_far_fen": 123_456, "days": 10}}
    assert why(english, pace) == "Spending is at 37% of the usual pace."
    assert why(chinese, pace) == "消费进度为平时的 37%。"
    assert figures(english, pace) == ["so far: ¥1,234.56", "days: 10"]
    assert figures(chinese, pace) == ["至今：¥1,234.56", "天数：10"]  # noqa: RUF001 - Chinese has its own
    assert why(english, {"kind": "tier_lost", "from": "C1", "to": None}) == "The tier went down from C1 to no tier."
    angry = {"indicator": "complaints_escalated", "value": 1, "evidence": {"count": 1, "last_filed_on": "2025-06-09"}}
    assert figures(english, angry) == ["last filed on: 2025-06-09"]  # not the number once more
    assert figures(english, angry | {"value": 2})[0] == "number: 1"
    lost = {"indicator": "tier_lost_days", "value": 3, "evidence": {"lost": "C2", "billing_month": "2025-05"}}
    assert why(english, lost) == "Lost a tier with the month 2025-05."
    assert tier(english, default_policy, "C2") == "C2 gold card"
    assert tier(chinese, default_policy, "C2") == "C2 金卡"
    assert [tier(english, default_policy, code) for code in ("C6", "PLATINUM", None)] == ["C6", "PLATINUM", "no tier"]
    assert [level(chinese, 3), level(english, "watch"), level(english, 9)] == ["紧急", "watch", "9"]


@on_sqlite
async def test_chinese_pages_have_their_own_marks(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        await browser.fill("/account/language", language="zh")
        words = {path: Markup((await browser.get(path)).text).words for path in ("/tasks", "/customers/c-li")}
    assert "风险：紧急" in words["/tasks"]  # noqa: RUF001
    assert "距今 1 天。（申请日：2025-06-09" in words["/tasks"]  # noqa: RUF001
    assert "三个月月均收入 ¥1,612.34，达到 C2 金卡 的 ¥1,500.00。此等级依据" in words["/customers/c-li"]  # noqa: RUF001


def test_what_nobody_foresaw_is_told_as_it_stands() -> None:
    english = language("en")
    assert why(english, {"indicator": "odd", "value": {}, "evidence": "none"}) == "odd"
    assert why(english, {}) == "—"
    assert figures(english, {"evidence": ["a"]}) == []
    assert why(english, {"indicator": "arrears_fen", "value": "much"}) == "Arrears: much."
    assert terms(english, {}) == "as in the catalogue"
    assert yuan(-5) == "-¥0.05"
