"""A population published to a broker that is there: whole, keyed, and until it is told to stop."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, Message

from stream_app.core.events import TOPIC_OF_TYPE
from stream_app.local import LocalKafka
from tests.commands.running import stream_app

PREFIX = "test-feed-"
BOUND_SECONDS = 60.0
ENOUGH = 200


@contextmanager
def feeding(bootstrap: str) -> Iterator[subprocess.Popen[str]]:
    words = ["feed", "--bootstrap", bootstrap, "--topic-prefix", PREFIX, "--subscribers", "20", "--history-days", "10"]
    command = [sys.executable, "-m", "stream_app", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def published(bootstrap: str, least: int) -> list[Message]:
    """Read what is on the feeds until there is enough of it."""
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": PREFIX, "auto.offset.reset": "earliest"})
    reader.subscribe([f"{PREFIX}{topic}" for topic in set(TOPIC_OF_TYPE.values())])
    found: list[Message] = []
    try:
        while len(found) < least:
            batch = reader.consume(least - len(found), BOUND_SECONDS)
            assert batch, f"only {len(found)} events came"
            found += batch
    finally:
        reader.close()
    return found


def test_a_population_is_published_with_its_history_until_it_is_told_to_stop(kafka: LocalKafka) -> None:
    names = ("--bootstrap", kafka.bootstrap, "--topic-prefix", PREFIX)
    assert stream_app("topics", "create", *names, "--partitions", 2).exit_code == 0
    with feeding(kafka.bootstrap) as running:
        found = published(kafka.bootstrap, ENOUGH)
        running.send_signal(signal.SIGTERM)
        said, _ = running.communicate(timeout=BOUND_SECONDS)
        assert running.returncode == 0, said
    for record in found:
        event = json.loads(record.value() or b"")
        assert record.topic() == PREFIX + TOPIC_OF_TYPE[event["type"]]
        assert record.key() == event["subscriber_id"].encode()
        assert event["type"] != "contact.resulted"


def test_without_topics_it_says_how_to_make_them(kafka: LocalKafka) -> None:
    said = stream_app("feed", "--bootstrap", kafka.bootstrap, "--topic-prefix", "test-feed-none-")
    assert said.exit_code == 1
    assert "stream-app topics create" in said.output
