"""The channels' file: what it may say, and how it is refused."""

from pathlib import Path

import pytest

from stream_app.console.channels.declared import ChannelsError, MailModel, load_channels
from tests.console.channels.people import channels
from tests.house.sources import ROOT

ROBOT_URL = "https://qyapi.example/cgi-bin/webhook/send?key=693a91f6"
HOOK = "{name: hook, kind: webhook, url_env: HOOK_URL, secret_env: HOOK_SECRET}"


def refusal(folder: Path, text: str, **environment: str) -> str:
    with pytest.raises(ChannelsError) as refused:
        channels(folder, text, **environment)
    return str(refused.value).replace(str(folder), "")


def test_the_example_that_is_shipped_can_be_used(tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "channels.example.yaml").read_text(encoding="utf-8")
    secrets = {
        "DINGTALK_TEAM_SECRET": "SEC1",
        "DESK_WEBHOOK_SECRET": "whsec_" + "A" * 43 + "=",
        "DESK_MAIL_PASSWORD": "x",
    }
    urls = dict.fromkeys(["WECOM_TEAM_URL", "DINGTALK_TEAM_URL", "DESK_WEBHOOK_URL"], ROBOT_URL)
    found = channels(tmp_path, text, **secrets, **urls)
    assert {channel.declared.kind for channel in found} == {"wecom", "dingtalk", "mail", "webhook"}


def test_without_a_file_there_are_no_channels() -> None:
    assert load_channels(None) == ()


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"{ROBOT_URL}\n")
    found = channels(tmp_path, f"channels: [{{name: team, kind: wecom, url_file: {tmp_path / 'url'}}}]")
    assert found[0].key("url") == ROBOT_URL


def test_a_channel_shows_no_secret_when_it_is_printed(tmp_path: Path) -> None:
    found = channels(tmp_path, "channels: [{name: team, kind: wecom, url_env: U}]", U=ROBOT_URL)
    assert "693a91f6" not in repr(found) + str(found)


def test_mail_needs_no_login(tmp_path: Path) -> None:
    found = channels(tmp_path, "channels: [{name: mail, kind: mail, host: mx.example, sender: desk@example.org}]")
    assert isinstance(found[0].declared, MailModel)
    assert dict(found[0].keys) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("channels: [{name: a, kind: pigeon}]", "channel a: : kind must be one of wecom, dingtalk, webhook, mail"),
        ("channels: [{name: a, kind: wecom}]", "give one of url_env"),
        ("channels: [{name: a, kind: wecom, url_env: U, url_file: /f}]", "give one of url_env"),
        ("channels: [{name: a, kind: wecom, url_env: U, rate_per_minute: 0}]", "rate_per_minute: "),
        ("channels: [{name: A B, kind: wecom, url_env: U}]", "name: "),
        ("channels: [{kind: wecom, url_env: U}]", "channel 1: name is missing"),
        ("channels: [{name: a, kind: wecom, url_env: U, url: 'https://x/?key=693a91f6'}]", "url is no key of it"),
        ("channels: [{name: a, kind: wecom, url_env: 'https://x/?key=693a91f6'}]", "url_env: "),
        ("channels: [{name: a, kind: wecom, url_env: U, roles: [boss]}]", "roles.1: "),
        ("channels: [{name: a, kind: wecom, url_env: MISSING}]", "url_env: the environment variable MISSING is empty"),
        ("channels: [{name: a, kind: wecom, url_file: /no/such/file}]", "url_file: the file /no/such/file cannot"),
        ("channels: [{name: a, kind: wecom, url_env: BAD}]", "url_env: what it names is no URL"),
        ("channels: [{name: a, kind: dingtalk, url_env: U}]", "give one of secret_env"),
        ("channels: [{name: a, kind: webhook, url_env: U, secret_env: U}]", "secret_env: what it names is no webhook"),
        ("channels: [{name: a, kind: mail, host: h, sender: x, user: u}]", "sender: "),
        ("channels: [{name: a, kind: mail, host: h, sender: a@b, user: u}]", "give one of password_env"),
        (f"channels: [{HOOK}, {HOOK}]", "the name hook is there twice"),
        ("channels: {a: b}", "channels: "),
        ("chanels: []", "chanels is no key of it"),
        ("channels: [", "channels.yaml:1: is no YAML"),
        ("- a", "write a list under the key channels"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_by_the_key_and_never_by_the_value(tmp_path: Path, text: str, words: str) -> None:
    said = refusal(tmp_path, text, U=ROBOT_URL, BAD="693a91f6 with spaces", HOOK_URL=ROBOT_URL)
    assert words in said
    assert "693a91f6" not in said


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ChannelsError, match="cannot be read: No such file"):
        load_channels(tmp_path / "none.yaml")
