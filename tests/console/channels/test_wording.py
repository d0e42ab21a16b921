"""Messages: both languages, and values that stay values."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stream_app.console.channels
from stream_app.console.channels.wording import Wording, plain
from tests.console.channels.people import task

WORDING = Wording("https://desk.example/", "Asia/Shanghai")
DIGEST = {"items": [task(number, template="task_assigned") for number in range(1, 31)]}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("template", ["task_assigned", "handed_over", "escalated"])
def test_a_message_names_the_customer_the_reason_and_the_time(template: str, language: str) -> None:
    title, text = WORDING.write(template, language, task())
    assert "s1" in title
    assert {"en": "complaints", "zh": "投诉"}[language] in text
    assert "2025-06-11 10:00" in text  # in Shanghai


def test_every_template_is_there_in_both_languages() -> None:
    folder = Path(stream_app.console.channels.__file__).parent / "templates"
    names = {tuple(file.name.split(".")[:2]) for file in folder.iterdir()}
    assert {name for name, language in names if language == "en"} == {name for name, _ in names if _ == "zh"}


def test_an_urgent_task_says_so() -> None:
    assert WORDING.write("task_assigned", "en", task(urgent=True))[0].startswith("Urgent task")
    assert WORDING.write("task_assigned", "zh", task(urgent=True))[0].startswith("紧急任务")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_digest_lists_what_it_tells_and_counts_the_rest(language: str) -> None:
    title, text = WORDING.write("digest", language, DIGEST)
    assert title.startswith("30 ")
    assert len(text.splitlines()) == 21
    assert "s20" in text
    assert "s21" not in text
    assert "10" in text.splitlines()[-1]


@pytest.mark.parametrize(
    ("language", "title", "line"),
    [
        ("en", "2 messages, 1 of them urgent", "urgent, new task: s1"),
        ("zh", "其中 1 条紧急", "紧急"),
    ],
)
def test_a_digest_says_how_many_and_which_are_urgent(language: str, title: str, line: str) -> None:
    items = [task(1, template="task_assigned", urgent=True), task(2, template="task_assigned")]
    written, text = WORDING.write("digest", language, {"items": items, "urgent": True, "urgent_count": 1})
    first, second = text.splitlines()
    assert title in written
    assert first.startswith(line)
    assert "s2" in second
    assert "urgent" not in second
    assert "紧急" not in second


def test_a_message_leads_to_the_case_and_a_digest_to_the_first_page() -> None:
    assert WORDING.link({"subscriber_id": "s 1"}) == "https://desk.example/customers/s%201"
    assert WORDING.link(task()) == "https://desk.example/tasks/case-1"
    assert WORDING.link(DIGEST) == "https://desk.example/"


@given(st.text(max_size=80))
def test_no_value_makes_a_line_a_heading_or_a_link_of_its_own(value: str) -> None:
    title, text = WORDING.write("task_assigned", "en", task(tier=value, leading=value, subscriber_id=value))
    assert len(title.splitlines()) == 1
    assert len(text.splitlines()) == 3
    assert not set("<>[]()*`#") & set(title + text)


@pytest.mark.parametrize("value", ["{{ 7 * 7 }}", "{% for x in y %}", "{{ ''.__class__ }}"])
def test_a_value_is_never_taken_for_a_template(value: str) -> None:
    assert "49" not in WORDING.write("task_assigned", "en", task(tier=value))[1]


def test_plain_text_stays_as_it_is() -> None:
    kept: Any = "C3 等级, 100%"
    assert plain(kept) == kept
