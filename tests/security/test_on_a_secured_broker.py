"""Each part works on a broker with TLS, SCRAM and ACLs, and is refused what it should not do."""

import json
import re

import pytest
from click.testing import Result
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from tests.security.conftest import BOUND_SECONDS, Place, System, until
from tests.security.parts import password_of, run

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
REFUSED = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
}


def read(place: Place, part: str, topic: str, group: str, count: int) -> list[bytes]:
    """Read records of a topic as a part; raises KafkaException where it may not."""
    settings = {**place.client(part), "group.id": group, "auto.offset.reset": "earliest"}
    consumer = Consumer({**settings, "isolation.level": "read_committed", "enable.auto.commit": False})
    found: list[bytes] = []
    try:
        consumer.subscribe([topic])
        while len(found) < count:
            message = consumer.poll(BOUND_SECONDS)
            assert message is not None, f"nothing came on {topic}"
            if (error := message.error()) is not None:
                raise KafkaException(error)
            found.append(message.value() or b"")
    finally:
        consumer.close()
    return found


def write(place: Place, part: str, topic: str) -> None:
    """Write a record as a part; raises KafkaException where it may not."""
    outcomes: list[KafkaError | None] = []
    producer = Producer({**place.client(part), "message.timeout.ms": 20_000})
    producer.produce(topic, b"from a test", on_delivery=lambda error, _: outcomes.append(error))
    producer.flush(BOUND_SECONDS)
    if outcomes[0] is not None:
        raise KafkaException(outcomes[0])


def test_the_workers_state_facts_and_a_reader_reads_them(system: System) -> None:
    facts = read(system.place, "reader", "tier-changes", "reader-crm", len(system.subscribers))
    assert {json.loads(fact)["subscriber_id"] for fact in facts} == set(system.subscribers)


def test_the_desk_follows_the_facts_over_tls(system: System) -> None:
    def counted() -> float:
        said = system.ask(system.desk, "/metrics")[1].decode()
        found = re.search(r'stream_app_desk_records_total\{outcome="taken",topic="tier-changes"\} (\S+)', said)
        return float(found[1]) if found else 0.0

    until(lambda: counted() >= len(system.subscribers), lambda: system.log("desk")[-2000:])


def test_the_operators_commands_work(system: System) -> None:
    env = system.place.env("operator")
    until(lambda: "not_json" in run("dead-letters", "list", env=env).output, lambda: system.log("desk"))
    for words in (["topics", "check"], ["why", system.subscribers[0]], ["policy", "list"], ["offsets", "list"]):
        done = run(*words, env=env)
        assert done.exit_code == 0, done.output


def test_dead_letters_are_sent_back_by_who_may_and_by_nobody_else(system: System) -> None:
    def sent_back(part: str) -> Result:
        return run("dead-letters", "replay", "--reason", "not_json", "--yes", env=system.place.env(part))

    until(lambda: "not_json" in run("dead-letters", "list", env=system.place.env("desk")).output, lambda: "")
    refused = sent_back("desk")
    assert refused.exit_code == 1, refused.output
    assert "the brokers do not allow user desk what was asked" in refused.output
    for part in ("operator", "letters"):  # what is sent back is no JSON still, and comes again
        until(lambda: sent_back(part).output.startswith("1 "), lambda: sent_back(part).output)  # noqa: B023


@pytest.mark.parametrize(
    ("part", "topic"),
    [
        ("desk", "tier-changes"),
        ("desk", "usage-events"),
        ("publisher", "tier-changes"),
        ("publisher", "task-results"),
        ("publisher", "clock"),
        ("worker", "usage-events"),
        ("reader", "tier-changes"),
        ("reader", "policies"),
        ("operator", "tier-changes"),
        ("operator", "stream-app-subscribers-changelog"),
    ],
)
def test_a_part_cannot_write_where_it_should_not(place: Place, part: str, topic: str) -> None:
    with pytest.raises(KafkaException) as refusal:
        write(place, part, topic)
    assert refusal.value.args[0].code() in REFUSED


@pytest.mark.parametrize(
    ("part", "topic", "group"),
    [
        ("publisher", "usage-events", "publisher"),
        ("reader", "usage-events", "reader-crm"),
        ("reader", "stream-app-subscribers-changelog", "reader-crm"),
        ("reader", "tier-changes", "stream-app"),  # as a member of the workers' group it would take their partitions
        ("desk", "usage-events", "stream-app"),
    ],
)
def test_a_part_cannot_read_what_it_should_not(place: Place, part: str, topic: str, group: str) -> None:
    with pytest.raises(KafkaException) as refusal:
        read(place, part, topic, group, 1)
    assert refusal.value.args[0].code() in REFUSED


def test_nobody_else_can_fence_the_worker_of_a_partition(place: Place) -> None:
    producer = Producer({**place.client("desk"), "transactional.id": "stream-app-subscribers-0"})
    with pytest.raises(KafkaException) as refusal:
        producer.init_transactions(BOUND_SECONDS)
    assert refusal.value.args[0].code() in REFUSED


def test_the_desk_cannot_move_the_workers_offsets(place: Place) -> None:
    admin = AdminClient({**place.client("desk")})
    wanted = ConsumerGroupTopicPartitions("stream-app", [TopicPartition("usage-events", 0, 0)])
    with pytest.raises(KafkaException) as refusal:
        admin.alter_consumer_group_offsets([wanted])["stream-app"].result(BOUND_SECONDS)
    assert refusal.value.args[0].code() in REFUSED


def test_a_command_that_is_not_allowed_says_so_in_a_line(place: Place) -> None:
    refused = run("dead-letters", "replay", "--yes", env=place.env("reader"))
    assert refused.exit_code == 1
    assert "topics are missing" in refused.output
    assert "may not see" in refused.output


def test_no_password_is_in_any_log(system: System) -> None:
    for path in system.folder.glob("*.log"):
        said = path.read_text(errors="replace")
        assert "the password of" not in said
        assert password_of("worker") not in said
