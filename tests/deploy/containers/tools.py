"""Where the tools are that need no engine (`make deploy-tools`); a test without them is skipped, in CI it fails."""

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.house.sources import ROOT

FOLDER: Final = ROOT / ".venv" / "deploy"


def fetched(place: str) -> Path:
    """Give a fetched file or folder by its place."""
    path = FOLDER / place
    if not path.exists():
        without(f"{place} is not there: make deploy-tools")
    return path


def installed(*names: str) -> str:
    """Give the first of these programs that the machine has."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or without(f"this machine has no {' or '.join(names)}")


def without(message: str) -> str:
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
