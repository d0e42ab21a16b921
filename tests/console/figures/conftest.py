"""A database to put people into."""

import pytest
from sqlalchemy import Engine

from tests.console.figures.people import People


@pytest.fixture
def people(engine: Engine) -> People:
    return People(engine)
