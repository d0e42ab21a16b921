"""docs/security.md names files and settings that are there."""

import re

import pytest
from pydantic import BaseModel

from stream_app.console.settings import DeskSettings
from stream_app.security.acls import PARTS
from stream_app.security.kafka import KafkaSecurity
from stream_app.settings import Settings
from tests.house.sources import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
MODELS: dict[str, type[BaseModel]] = {
    "STREAM_APP_KAFKA_": KafkaSecurity,
    "STREAM_APP_DESK_": DeskSettings,
    "STREAM_APP_": Settings,
}


def test_the_files_it_points_at_are_there() -> None:
    named = re.findall(r"`((?:tests|stream_app|deploy)/[\w./-]+)`", TEXT)
    assert len(named) > len(set(named)) / 2 > 0
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", sorted(set(re.findall(r"STREAM_APP_[A-Z_]*[A-Z](?![A-Z_.])", TEXT))))
def test_a_setting_it_names_is_one(name: str) -> None:
    prefix = next(prefix for prefix in MODELS if name.startswith(prefix))
    assert name.removeprefix(prefix).lower() in MODELS[prefix].model_fields


def test_every_setting_of_kafka_is_explained() -> None:
    assert [name for name in KafkaSecurity.model_fields if f"`{name.upper()}`" not in TEXT] == []


def test_every_part_is_explained() -> None:
    assert [part for part in PARTS if f"| `{part}` |" not in TEXT] == []
