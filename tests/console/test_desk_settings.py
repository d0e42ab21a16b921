"""The desk's settings: read, refused and left alone as the worker's are."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, Field, SecretStr

from stream_app.console.settings import DeskSettings, load_desk_settings
from stream_app.settings import Settings, SettingsError, load_prefixed, load_settings


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DeskSettings.model_fields:
        monkeypatch.delenv(f"STREAM_APP_DESK_{name.upper()}", raising=False)


def test_all_settings_have_defaults_that_hold() -> None:
    settings = load_desk_settings()
    assert settings == DeskSettings()
    assert settings.web_host == "127.0.0.1"
    assert settings.cookies_secure


def test_the_environment_wins_over_defaults_and_what_is_given_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_DESK_WEB_PORT", "7000")
    monkeypatch.setenv("stream_app_desk_identity_csv", "people.csv")
    assert load_desk_settings(web_port=None).web_port == 7000
    assert load_desk_settings(web_port=7001).web_port == 7001
    assert load_desk_settings().identity_csv == Path("people.csv")


@pytest.mark.parametrize(
    ("name", "text"),
    [("CLOCK", "sun"), ("WEB_PORT", "65536"), ("SESSION_HOURS", "0"), ("ACT_FROM", ""), ("COOKIES_SECURE", "perhaps")],
)
def test_a_setting_that_cannot_be_used_is_named_with_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(f"STREAM_APP_DESK_{name}", text)
    with pytest.raises(SettingsError) as refusal:
        load_desk_settings()
    assert str(refusal.value).startswith(f"STREAM_APP_DESK_{name}: ")
    assert repr(text) in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("STREAM_APP_DESK_DATABASE", "do you mean STREAM_APP_DESK_DATABASE_URL?"),
        ("STREAM_APP_DESK_WEBPORT", "do you mean STREAM_APP_DESK_WEB_PORT?"),
        ("STREAM_APP_DESK_", "`stream-app desk serve --help` lists all"),
    ],
)
def test_a_mistyped_setting_is_refused_with_the_nearest_right_one(
    monkeypatch: pytest.MonkeyPatch, name: str, hint: str
) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(SettingsError) as refusal:
        load_desk_settings()
    assert str(refusal.value) == f"{name}: there is no such setting; {hint}"


def test_a_worker_lets_the_settings_of_a_desk_be(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"STREAM_APP_{name.upper()}", raising=False)
    monkeypatch.setenv("STREAM_APP_DESK_CLOCK", "stream")
    assert load_settings() == Settings()
    assert load_desk_settings().clock == "stream"


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in DeskSettings.model_fields.items() if not field.description] == []


class Keys(BaseModel):
    key: Annotated[SecretStr, Field(min_length=20)]


def test_a_secret_that_cannot_be_used_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEWHERE_KEY", "hunter2")
    with pytest.raises(SettingsError) as refusal:
        load_prefixed(Keys, "SOMEWHERE_", "")
    assert str(refusal.value).startswith("SOMEWHERE_KEY: ")
    assert "hunter2" not in str(refusal.value)
