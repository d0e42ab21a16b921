"""`stream-app policy check`: what a policy says, or what is wrong with it; and the policies that are shipped."""

from pathlib import Path

import pytest

from stream_app.commands.common import default_policy, load_policies
from stream_app.wire.policy_file import PolicyError
from tests.commands.running import policy_file, stream_app
from tests.house.sources import ROOT
from tests.replay.lines import POLICY_TEXT

SHIPPED = sorted((ROOT / "deploy" / "policies").glob("*.yaml"))

KEEPING = (
    "a tier is lost after 1 close(s) below its floor; contract not required; arrears suspend 30 days after the due date"
)


def test_a_policy_is_said_in_words(tmp_path: Path) -> None:
    text = POLICY_TEXT.replace("floor_fen: 5000", "floor_fen: 123456, card: gold")
    said = stream_app("policy", "check", policy_file(tmp_path, text))
    assert said.exit_code == 0
    assert said.stdout.splitlines() == [
        "plain-1, in force from 2017-01-01T00:00:00+00:00",
        "  months start on day 1 in UTC, close 48 h after their end, and can be corrected until 3 more have closed",
        f"  {KEEPING}",
        "  GOLD       from   1,234.56 yuan a month  gold",
        "  SILVER     from      20.00 yuan a month",
    ]


def test_versions_are_shown_in_the_order_they_come_into_force(tmp_path: Path) -> None:
    later = POLICY_TEXT.replace("plain-1", "plain-2").replace("2017", "2026")
    files = [policy_file(tmp_path, later, "later.yaml"), policy_file(tmp_path)]
    said = stream_app("policy", "check", *files)
    assert [line.split(",")[0] for line in said.stdout.splitlines() if "in force from" in line] == [
        "plain-1",
        "plain-2",
    ]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("plain-1", "plain-1"), "two policies have the same version"),
        (("plain-1", "plain-2"), "two policies have the same effective_at"),
        (("zone: UTC", "zone: Asia/Shanghai"), "must be the same in every policy version"),
    ],
)
def test_versions_that_do_not_go_together_are_wrong_use(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    text = POLICY_TEXT.replace(*change)
    if "zone" in change[0]:
        text = text.replace("plain-1", "plain-2").replace("2017", "2018")
    said = stream_app("policy", "check", policy_file(tmp_path), policy_file(tmp_path, text, "other.yaml"))
    assert said.exit_code == 2
    assert complaint in said.stderr


def test_a_policy_that_cannot_be_used_is_wrong_use_and_says_what_to_do(tmp_path: Path) -> None:
    said = stream_app(
        "policy", "check", policy_file(tmp_path, POLICY_TEXT.replace("floor_fen: 5000", "floor_fen: lots"))
    )
    assert said.exit_code == 2
    assert "policy.yaml: tiers.1.floor_fen is" in said.stderr


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_policy_that_is_shipped_passes(path: Path) -> None:
    assert stream_app("policy", "check", path).exit_code == 0


def test_without_a_policy_the_shipped_default_holds() -> None:
    assert default_policy().read_bytes() == (ROOT / "deploy" / "policies" / "default.yaml").read_bytes()
    assert [policy.version for policy in load_policies([])] == ["default-1"]


def test_a_file_that_cannot_be_read_is_a_refusal_of_the_policy(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policies([tmp_path / "nowhere.yaml"])
