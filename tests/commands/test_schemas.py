"""`stream-app schemas`: written from the models, and checked against what is released."""

import shutil
from pathlib import Path

from tests.commands.running import stream_app
from tests.house.sources import ROOT

RELEASED = ROOT / "schemas"


def test_the_schemas_of_the_repository_are_as_the_models_say() -> None:
    said = stream_app("schemas", "check", "--folder", RELEASED)
    assert said.exit_code == 0
    assert said.stdout == f"{RELEASED}/ is as the models say, and compatible with every release\n"


def test_what_is_written_passes_the_check(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    shutil.copytree(RELEASED, folder)
    assert stream_app("schemas", "write", "--folder", folder).exit_code == 0
    assert stream_app("schemas", "check", "--folder", folder).exit_code == 0


def test_a_schema_that_differs_from_its_model_fails_the_check_and_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    shutil.copytree(RELEASED, folder)
    changed = next(path for path in sorted(folder.rglob("*.json")) if "example" not in str(path))
    changed.write_text("{}\n")
    said = stream_app("schemas", "check", "--folder", folder)
    assert said.exit_code == 1
    assert changed.name in said.stderr
