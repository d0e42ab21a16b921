"""The folder a replay leaves behind: its files, and what stands in each (CONTRACTS section 7)."""

import base64
import json
from pathlib import Path

import pytest

from stream_app.core.state import Clock, Subscriber
from stream_app.core.view import view
from stream_app.replay.answers import Answers, by_id
from tests.replay.lines import POLICIES, rows

FILES = {
    *("month-closed.ndjson", "tier-changes.ndjson", "churn-risk.ndjson", "churn-outcomes.ndjson"),
    *("dead-letters.ndjson", "subscribers.ndjson"),
}


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_folder_is_made_with_all_its_files_and_the_summary_comes_last(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with Answers(folder) as answers:
        assert names_in(folder) == FILES
        answers.summarise(0, {}, 0.0, {})
    assert names_in(folder) == {*FILES, "summary.json"}


def test_files_of_an_earlier_replay_are_replaced_and_its_summary_goes_first(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("{}")
    (tmp_path / "dead-letters.ndjson").write_text("{}\n")
    (tmp_path / "notes.txt").write_text("mine")
    with Answers(tmp_path):
        assert names_in(tmp_path) == {*FILES, "notes.txt"}
    assert (tmp_path / "dead-letters.ndjson").read_bytes() == b""
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("tier-changes", "tier-changes.ndjson"),
        ("month-closes", "month-closed.ndjson"),
        ("churn-risk", "churn-risk.ndjson"),
        ("churn-outcomes", "churn-outcomes.ndjson"),
    ],
)
def test_a_fact_goes_to_the_file_of_its_topic_as_it_stands(tmp_path: Path, topic: str, name: str) -> None:
    with Answers(tmp_path) as answers:
        answers.fact(topic, "some.kind", b'{"a":  1}')
        answers.fact(topic, "some.kind", b'{"a":2}')
        assert answers.facts == {"some.kind": 2}
    assert (tmp_path / name).read_bytes() == b'{"a":  1}\n{"a":2}\n'


def test_a_dead_letter_holds_its_value_as_text_or_else_in_base64(tmp_path: Path) -> None:
    with Answers(tmp_path) as answers:
        answers.reject("not_json", "why", "usage-events", "中文 {".encode(), file="f", line=3)
        answers.reject("not_json", "why", "usage-events", b"\xff\x00", partition=1, offset=7)
        assert answers.rejected == {"not_json": 2}
    text, binary = rows(tmp_path / "dead-letters.ndjson")
    assert text == {
        "reason": "not_json",
        "message": "why",
        "topic": "usage-events",
        "file": "f",
        "line": 3,
        "value": "中文 {",
    }
    assert base64.b64decode(binary.pop("value")) == b"\xff\x00"
    assert binary == {
        "reason": "not_json",
        "message": "why",
        "topic": "usage-events",
        "partition": 1,
        "offset": 7,
        "encoding": "base64",
    }


def test_the_summary_counts_everything_in_a_steady_order(tmp_path: Path) -> None:
    with Answers(tmp_path) as answers:
        answers.fact("tier-changes", "tier.changed", b"{}")
        answers.fact("month-closes", "month.closed", b"{}")
        answers.reject("not_json", "why", "usage-events", b"?")
        answers.subscriber(view(Subscriber(), "s-1", Clock(), POLICIES))
        given = answers.summarise(30, {"usage.recorded": 2, "bill.issued": 1}, 1.5, {"engine": "offline"})
    written = json.loads((tmp_path / "summary.json").read_bytes())
    assert written == given
    assert written == {
        "events": 30,
        "facts": {"month.closed": 1, "tier.changed": 1},
        "duplicates": {"bill.issued": 1, "usage.recorded": 2},
        "rejected": {"not_json": 1},
        "subscribers": 1,
        "seconds": 1.5,
        "events_per_second": 20,
        "engine": "offline",
    }
    assert list(written["facts"]) == ["month.closed", "tier.changed"]


def test_views_are_put_in_the_order_of_their_ids() -> None:
    views = [view(Subscriber(), name, Clock(), POLICIES) for name in ("b", "a", "B", "a0")]
    assert [found.subscriber_id for found in by_id(views)] == ["B", "a", "a0", "b"]
