"""`policy diff` and `replay --shadow`: what a policy would change, in words, before it does."""

import json
from pathlib import Path

import pytest

from tests.commands.running import policy_file, stream_app
from tests.commands.test_replay import UNTIL, replay
from tests.replay.lines import POLICY_TEXT

TIGHTER = POLICY_TEXT.replace("plain-1", "tighter").replace("5000", "6000")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "tier, GOLD, least monthly mean: 50.00 yuan -> 60.00 yuan (up 20%)"),
        ("zh", "等级, GOLD, 月均收入下限: 50.00元 -> 60.00元 (上调 20%)"),
    ],
)
def test_a_difference_is_said_in_both_languages(tmp_path: Path, language: str, words: str) -> None:
    files = [policy_file(tmp_path), policy_file(tmp_path, TIGHTER, "tighter.yaml")]
    said = stream_app("policy", "diff", *files, "--language", language)
    assert said.exit_code == 0
    assert said.stdout.splitlines()[1:] == [words]


def test_two_versions_with_the_same_figures_are_said_to_be_the_same(tmp_path: Path) -> None:
    files = [policy_file(tmp_path), policy_file(tmp_path, POLICY_TEXT.replace("plain-1", "plain-2"), "other.yaml")]
    assert stream_app("policy", "diff", *files).stdout.splitlines()[-1] == "the two say the same"


def test_a_file_that_is_not_there_is_not_looked_for_on_a_broker(tmp_path: Path) -> None:
    said = stream_app("policy", "diff", policy_file(tmp_path), tmp_path / "nosuch.yaml")
    assert (said.exit_code, "there is no file" in said.stderr) == (2, True)


def test_a_replay_says_what_a_candidate_would_have_changed(tmp_path: Path) -> None:
    strict = TIGHTER.replace("2000", "9000").replace("6000", "70000")
    candidate = policy_file(tmp_path, strict, "tighter.yaml")
    said = replay(tmp_path, "--shadow", candidate, "--capacity", "b-7=2")
    assert said.exit_code == 0, said.stderr
    report = json.loads((tmp_path / "out" / "shadow.json").read_bytes())
    assert (report["live"], report["candidate"], report["at"]) == ("plain-1", "tighter", UNTIL)
    assert (report["customers"], report["changed"]) == (2, 1)
    [move] = report["moves"]
    assert (move["of"], move["live"], move["candidate"], move["examples"]) == ("tier", "GOLD", None, ["s-1"])
    assert {branch["branch_id"]: branch["capacity_a_day"] for branch in report["branches"]}["b-7"] == 2
    assert "tighter beside plain-1: 1 of 2 customers differ (50.0%)" in said.stdout


def test_a_candidate_of_other_months_is_wrong_use(tmp_path: Path) -> None:
    candidate = policy_file(tmp_path, TIGHTER.replace("zone: UTC", "zone: Asia/Shanghai"), "tighter.yaml")
    said = replay(tmp_path, "--shadow", candidate)
    assert (said.exit_code, "must be those of the live policy" in said.stderr) == (2, True)


def test_a_capacity_that_is_no_number_is_wrong_use(tmp_path: Path) -> None:
    said = replay(tmp_path, "--shadow", policy_file(tmp_path, TIGHTER, "tighter.yaml"), "--capacity", "many")
    assert (said.exit_code, "--capacity 'many'" in said.stderr) == (2, True)
