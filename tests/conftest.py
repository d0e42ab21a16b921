"""What every test may count on: one private Kafka a session, quick tests first, no deadlines."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from stream_app.local import LocalKafka

HERE = Path(__file__).parent
# They load the machine, or what they see depends on how fast it is.
ALONE = [HERE / each for each in ("browser", "capacity/test_load.py", "faults", "walks")]

settings.register_profile("quick", deadline=None, max_examples=15)  # no deadline: never assert a time
settings.register_profile("thorough", deadline=None, max_examples=100)
settings.load_profile("thorough" if os.environ.get("CI") else "quick")


@pytest.fixture(scope="session")
def kafka() -> Iterator[LocalKafka]:
    """Run one real broker; `kafka.bootstrap` is its address. Make topics with prefixes of your own."""
    with LocalKafka() as broker:
        yield broker


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "kafka" in getattr(item, "fixturenames", ()):
            item.add_marker("kafka")
        if item.get_closest_marker("kafka") and any(item.path.is_relative_to(each) for each in ALONE):
            item.add_marker("alone")
    items.sort(key=_cost)


def _cost(item: pytest.Item) -> int:
    return 2 * bool(item.get_closest_marker("slow")) + bool(item.get_closest_marker("kafka"))
