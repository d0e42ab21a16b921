"""A scene for each test of cases."""

import pytest

from stream_app.console.desk import Desk
from tests.console.cases.scene import Scene


@pytest.fixture
def scene(desk: Desk) -> Scene:
    """Give an empty desk to put things on, on both databases in turn."""
    return Scene(desk)
