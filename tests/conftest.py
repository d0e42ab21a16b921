"""One private Kafka for the whole session; tests make topics with names of their own."""

from collections.abc import Iterator

import pytest

from stream_app.local import LocalKafka


@pytest.fixture(scope="session")
def kafka() -> Iterator[LocalKafka]:
    """Run one real broker; `kafka.bootstrap` is its address."""
    with LocalKafka() as broker:
        yield broker
