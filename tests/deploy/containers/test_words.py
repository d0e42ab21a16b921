"""The checks of containers can fail."""

import pytest

from stream_app.settings import SettingsError
from tests.deploy.containers.words import refusal, take_settings


@pytest.mark.parametrize("words", [["worker"], ["desk", "serve"], ["topics", "create", "--partitions", "4"]])
def test_what_there_is_is_taken(words: list[str]) -> None:
    assert refusal(words) == ""


@pytest.mark.parametrize("words", [["workers"], ["desk", "server"], ["topics", "create", "--partition-count", "4"]])
def test_what_there_is_not_is_refused(words: list[str]) -> None:
    assert "No such" in refusal(words)


def test_a_variable_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="STREAM_APP_BOOTSTARP"):
        take_settings({"STREAM_APP_BOOTSTARP": "kafka:9092"}, is_desk=False)


def test_a_variable_of_the_desk_is_looked_at_where_a_desk_runs() -> None:
    with pytest.raises(SettingsError, match="STREAM_APP_DESK_WEB_PROT"):
        take_settings({"STREAM_APP_DESK_WEB_PROT": "8080"}, is_desk=True)
