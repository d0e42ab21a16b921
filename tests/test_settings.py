"""Settings from the environment: each named by its variable, each refusal too."""

from pathlib import Path

import pytest

from stream_app.settings import DEFAULT_BOOTSTRAP, Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"STREAM_APP_{name.upper()}", raising=False)


def test_all_settings_have_defaults_that_hold() -> None:
    settings = load_settings()
    assert settings.bootstrap == DEFAULT_BOOTSTRAP
    assert settings.policies == ()
    assert settings.web_host == "127.0.0.1"


def test_the_environment_wins_over_defaults_and_what_is_given_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_BOOTSTRAP", "one:9092")
    monkeypatch.setenv("STREAM_APP_WEB_PORT", "7000")
    assert load_settings().bootstrap == "one:9092"
    assert load_settings(bootstrap="two:9092", web_port=None).bootstrap == "two:9092"
    assert load_settings(web_port=None).web_port == 7000


def test_a_variable_may_be_written_in_small_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("stream_app_web_port", "7000")
    assert load_settings().web_port == 7000


def test_what_is_given_must_be_a_setting() -> None:
    with pytest.raises(SettingsError, match="STREAM_APP_COLOUR"):
        load_settings(colour="red")


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("", ()),
        (" , ", ()),
        ("a.yaml", (Path("a.yaml"),)),
        ("a.yaml,b/c.yaml,", (Path("a.yaml"), Path("b/c.yaml"))),
        (" a.yaml, with blank.yaml ,", (Path("a.yaml"), Path("with blank.yaml"))),
    ],
)
def test_policies_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch, text: str, paths: tuple[Path, ...]) -> None:
    monkeypatch.setenv("STREAM_APP_POLICIES", text)
    assert load_settings().policies == paths


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("APP_ID", ""),
        ("APP_ID", "has space"),
        ("DATA_DIR", ""),
        ("DATA_DIR", " "),
        ("TOPIC_PREFIX", "a/b"),
        ("WEB_PORT", "65536"),
        ("WEB_PORT", "http"),
        ("INSTANCE_ID", "worker 1"),
        ("SESSION_TIMEOUT_SECONDS", "0.5"),
        ("COMMIT_INTERVAL_SECONDS", "0"),
        ("MAX_CHANGES", "1.5"),
        ("TICK_SECONDS", "-1"),
        ("CACHED_SUBSCRIBERS", "99"),
        ("CACHE_BYTES", "64MB"),
        ("DEAD_LETTER_WINDOW", "9"),
        ("DEAD_LETTER_SHARE", "1.1"),
        ("LOG_LEVEL", "loud"),
        ("SET_ASIDE", "usage-events:1"),
        ("SET_ASIDE", "usage-event:1:3750"),
        ("SET_ASIDE", "clock:1:3750"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(f"STREAM_APP_{name}", text)
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    assert str(refusal.value).startswith(f"STREAM_APP_{name}: ")
    assert repr(text) in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("STREAM_APP_POLICY", "do you mean STREAM_APP_POLICIES?"),
        ("STREAM_APP_TOPICS_PREFIX", "do you mean STREAM_APP_TOPIC_PREFIX?"),
        ("stream_app_web_prt", "do you mean STREAM_APP_WEB_PORT?"),
        ("STREAM_APP_", "`stream-app worker --help` lists all"),
    ],
)
def test_a_mistyped_setting_is_refused_with_the_nearest_right_one(
    monkeypatch: pytest.MonkeyPatch, name: str, hint: str
) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    assert str(refusal.value) == f"{name.upper()}: there is no such setting; {hint}"


@pytest.mark.parametrize(
    "name", ["STREAM_APP_MAVEN_MIRROR", "STREAM_APP_SERVICE_HOST", "STREAM_APP_SERVICE_PORT_HTTP", "STREAM_APP_PORT"]
)
def test_what_others_read_or_set_is_let_be(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "tcp://10.0.0.1:6066")
    assert load_settings() == Settings()


def test_records_to_set_aside_are_named_by_feed_partition_and_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_SET_ASIDE", "usage-events:1:3750, billing-events:0:2,")
    assert load_settings().set_aside == (("usage-events", 1, 3750), ("billing-events", 0, 2))


def test_settings_are_fixed_once_they_are_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().web_port = 1  # type: ignore[misc]


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
