"""`stream-app replay --engine offline`: its files, field by field (CONTRACTS sections 5 and 7), and how it ends."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.commands.running import policy_file, stream_app
from tests.replay.lines import POLICY_TEXT, Line, line, rows, used, write

UNTIL = "2025-04-04T00:00:00Z"
FACT_FIELDS = {"fact_id", "type", "subscriber_id", "occurred_at", "policy_version", "cause"}
WINDOW_FIELDS = {"billing_month", "revenue_fen", "billed", "closed"}


def billed(event_id: str, month: str, amount_fen: int, subscriber_id: str = "s-1") -> dict[str, Any]:
    return {
        "type": "bill.issued",
        "event_id": event_id,
        "subscriber_id": subscriber_id,
        "occurred_at": f"{month}-25T00:00:00Z",
        "bill_id": f"bill-{event_id}",
        "billing_month": month,
        "amount_fen": amount_fen,
    }


STORY: list[Line] = [
    {
        "type": "subscriber.activated",
        "event_id": "a1",
        "subscriber_id": "s-1",
        "occurred_at": "2025-01-05T00:00:00Z",
        "branch_id": "b-7",
    },
    used("u1", "2025-01-10T00:00:00", 9000),
    used("u1", "2025-01-10T00:00:00", 9000),
    b"\xff not text",
    used("u2", "2025-02-10T00:00:00", 9000),
    billed("b1", "2025-02", 15000),
    {**used("u3", "2025-02-26T00:00:00"), "charge_fen": -1},
    used("u9", "2025-03-01T00:00:00", 30, "s-0"),
]


def replay(folder: Path, *words: object, events: list[Line] | None = None, until: str | None = UNTIL) -> Result:
    file = write(folder / "events.ndjson", STORY if events is None else events)
    given = ("--until", until) if until else ()
    common = ("--policy", policy_file(folder), "--out", folder / "out", "--engine", "offline")
    return stream_app("replay", file, *common, *given, *words)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Work the story once; the folder of its answers."""
    folder = tmp_path_factory.mktemp("story")
    said = replay(folder)
    assert said.exit_code == 0
    assert said.stdout.startswith(
        "8 events, 2 subscribers, facts {'churn_risk.changed': 7, 'month.closed': 4, 'tier.changed': 2}"
    )
    return folder / "out"


def test_the_summary_counts_events_facts_duplicates_and_rejections(out: Path) -> None:
    summary = json.loads((out / "summary.json").read_bytes())
    assert summary["events"] == 8
    assert summary["facts"] == {"churn_risk.changed": 7, "month.closed": 4, "tier.changed": 2}
    assert summary["duplicates"] == {"usage.recorded": 1}
    assert summary["rejected"] == {"invalid_field": 1, "not_json": 1}
    assert summary["events_per_second"] > 0
    assert (summary["engine"], summary["subscribers"]) == ("offline", 2)


def test_month_closed_has_every_field_of_the_contract(out: Path) -> None:
    found = rows(out / "month-closed.ndjson")
    own = {"billing_month", "revision", "revenue_fen", "billed", "arpu_fen", "official_tier", "on_network", "usage"}
    for row in found:
        assert row.keys() >= FACT_FIELDS | own
        assert row["type"] == "month.closed"
    figures = [
        (row["subscriber_id"], row["billing_month"], row["revenue_fen"], row["arpu_fen"], row["official_tier"])
        for row in found
    ]
    assert sorted(figures) == [
        ("s-0", "2025-03", 30, 10, None),
        ("s-1", "2025-01", 9000, 3000, "SILVER"),
        ("s-1", "2025-02", 15000, 8000, "GOLD"),
        ("s-1", "2025-03", 0, 8000, "GOLD"),
    ]
    assert {row["branch_id"] for row in found if row["subscriber_id"] == "s-1"} == {"b-7"}


def test_tier_changes_have_every_field_of_the_contract(out: Path) -> None:
    found = rows(out / "tier-changes.ndjson")
    own = {"from", "to", "direction", "reason", "provisional", "arpu_fen", "window"}
    for row in found:
        assert row.keys() >= FACT_FIELDS | own
        assert row["cause"].keys() >= {"topic", "partition", "offset"}
        assert [month.keys() for month in row["window"]] == [WINDOW_FIELDS] * 3
    moves = [(row["from"], row["to"], row["direction"], row["reason"]) for row in found]
    assert moves == [
        (None, "SILVER", "up", "live"),
        ("SILVER", "GOLD", "up", "live"),
    ]


def test_dead_letters_name_file_and_line_and_hold_the_value(out: Path) -> None:
    no_text, ill = rows(out / "dead-letters.ndjson")
    assert (no_text["reason"], no_text["topic"], no_text["line"], no_text["encoding"]) == (
        "not_json",
        "usage-events",
        4,
        "base64",
    )
    assert (ill["reason"], ill["topic"], ill["file"], ill["line"]) == (
        "invalid_field",
        "usage-events",
        "events.ndjson",
        7,
    )
    assert json.loads(ill["value"])["event_id"] == "u3"
    assert ill["message"]


def test_subscribers_have_every_field_of_the_contract_in_the_order_of_their_ids(out: Path) -> None:
    found = rows(out / "subscribers.ndjson")
    assert [row["subscriber_id"] for row in found] == ["s-0", "s-1"]
    fields = {
        "tier",
        "official_tier",
        "arpu_closed_fen",
        "arpu_live_fen",
        "arrears_fen",
        "credit_big_customer",
        "months",
    }
    for row in found:
        assert row.keys() >= {"subscriber_id", *fields}
        assert [month.keys() for month in row["months"]] == [WINDOW_FIELDS] * 4
    gold = found[1]
    assert (gold["tier"], gold["official_tier"], gold["arpu_closed_fen"], gold["arpu_live_fen"]) == (
        "GOLD",
        "GOLD",
        8000,
        5000,
    )
    assert (gold["arrears_fen"], gold["credit_big_customer"]) == (0, False)
    assert [month["billing_month"] for month in gold["months"]] == ["2025-01", "2025-02", "2025-03", "2025-04"]
    assert [month["closed"] for month in gold["months"]] == [True, True, True, False]


def test_churn_risk_has_every_field_of_the_contract(out: Path) -> None:
    found = rows(out / "churn-risk.ndjson")
    assert len(found) == 7
    for row in found:
        assert row["type"] == "churn_risk.changed"
        assert {row["from"], row["to"]} <= {"none", "watch", "high", "critical"}
        assert row["reasons"][0].keys() == {"indicator", "points", "value", "evidence"}
        assert {"score", "tier", "value_class", "suggested_measures", "fact_id", "cause"} <= row.keys()


def test_strict_ends_with_3_when_anything_was_rejected_and_the_answers_are_whole(tmp_path: Path) -> None:
    said = replay(tmp_path, "--strict")
    assert said.exit_code == 3
    assert (tmp_path / "out" / "summary.json").is_file()
    assert "rejected {'invalid_field': 1, 'not_json': 1}" in said.stdout


def test_strict_ends_with_0_when_nothing_was_rejected(tmp_path: Path) -> None:
    said = replay(tmp_path, "--strict", events=[used("u1", "2025-01-10T00:00:00")])
    assert said.exit_code == 0
    assert "rejected none" in said.stdout


def test_the_same_files_give_the_same_answers(tmp_path: Path, out: Path) -> None:
    assert replay(tmp_path).exit_code == 0
    for path in out.glob("*.ndjson"):
        assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes()


def test_without_an_end_the_clock_stops_with_the_last_event(tmp_path: Path) -> None:
    assert replay(tmp_path, until=None).exit_code == 0
    closed = {row["billing_month"] for row in rows(tmp_path / "out" / "month-closed.ndjson")}
    assert closed == {"2025-01"}


def test_several_files_packed_or_not_are_worked_as_one(tmp_path: Path, out: Path) -> None:
    usage = write(tmp_path / "usage", [each for each in STORY if b"usage" in line(each)], packed=True)
    rest = write(tmp_path / "rest", [each for each in STORY if b"usage" not in line(each)])
    common = ("--policy", policy_file(tmp_path), "--out", tmp_path / "out", "--engine", "offline", "--until", UNTIL)
    assert stream_app("replay", usage, rest, *common).exit_code == 0
    assert (tmp_path / "out" / "subscribers.ndjson").read_bytes() == (out / "subscribers.ndjson").read_bytes()


def test_a_later_version_of_the_policy_is_given_with_a_second_option(tmp_path: Path) -> None:
    later = POLICY_TEXT.replace("plain-1", "plain-2").replace("2017", "2025").replace("GOLD", "SUN")
    said = replay(tmp_path, "--policy", policy_file(tmp_path, later, "later.yaml"))
    assert said.exit_code == 0
    assert {row["policy_version"] for row in rows(tmp_path / "out" / "month-closed.ndjson")} == {"plain-2"}


@pytest.mark.parametrize("until", ["tomorrow", "2025-01-01", "2025-01-01T00:00:00", "2025-02-30T00:00:00Z"])
def test_an_end_that_is_no_instant_is_wrong_use(tmp_path: Path, until: str) -> None:
    said = replay(tmp_path, until=until)
    assert said.exit_code == 2
    assert f"--until '{until}' is no instant: write it with its offset" in said.stderr


def test_a_policy_that_cannot_be_used_is_wrong_use_and_named(tmp_path: Path) -> None:
    said = replay(tmp_path, "--policy", policy_file(tmp_path, "version: x", "bad.yaml"))
    assert said.exit_code == 2
    assert "bad.yaml: effective_at is missing" in said.stderr


@pytest.mark.parametrize("missing", ["--policy", "--out"])
def test_what_it_cannot_do_without_is_asked_for(tmp_path: Path, missing: str) -> None:
    given = {"--policy": policy_file(tmp_path), "--out": tmp_path / "out"}
    words = [word for name, value in given.items() if name != missing for word in (name, value)]
    said = stream_app("replay", write(tmp_path / "events", []), *words)
    assert said.exit_code == 2
    assert missing in said.stderr


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    said = stream_app("replay", tmp_path / "nowhere", "--policy", policy_file(tmp_path), "--out", tmp_path / "out")
    assert said.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_damaged_gzip_fails_with_its_name_and_leaves_no_summary(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson.gz"
    file.write_bytes(gzip.compress(b'{"a": 1}\n' * 100)[:-10])
    common = ("--policy", policy_file(tmp_path), "--out", tmp_path / "out", "--engine", "offline")
    said = stream_app("replay", file, *common)
    assert said.exit_code == 1
    assert "events.ndjson.gz is damaged" in said.stderr
    assert not (tmp_path / "out" / "summary.json").exists()


def test_a_folder_that_cannot_be_made_fails_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = write(tmp_path / "events.ndjson", STORY)
    common = ("--policy", policy_file(tmp_path), "--out", tmp_path / "file" / "out", "--engine", "offline")
    said = stream_app("replay", file, *common)
    assert said.exit_code == 1
    assert said.stderr.startswith(f"Error: {tmp_path / 'file' / 'out'}: ")
