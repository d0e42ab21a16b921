"""The worker as its users meet it: a plain Kafka client in and out, HTTP, start-up checks, the demo."""

import asyncio
import os
import re
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from confluent_kafka import Consumer, Producer, TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from stream_app.local import LocalKafka
from stream_app.worker.catalogue import CATALOGUE, PREFIX
from tests.e2e.live import fetch, ready, system
from tests.e2e.populations import POLICY


def fee(subscriber_id: str, amount_fen: int) -> dict[str, Any]:
    return {
        "event_id": f"plain-{subscriber_id}",
        "type": "fee.charged",
        "subscriber_id": subscriber_id,
        "kind": "plan",
        "amount_fen": amount_fen,
        "occurred_at": datetime.now(UTC).isoformat(),
    }


async def run(*words: str, **environment: str) -> tuple[int, str]:
    """Run a command of ours; gives its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stream_app", *words, env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


def send_plainly(bootstrap: str, topic: str, event: dict[str, Any]) -> None:
    """Send with a client that shares no code with ours."""
    producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"})
    producer.produce(topic, orjson.dumps(event), key=event["subscriber_id"])
    assert producer.flush(30) == 0


def await_change(bootstrap: str, topic: str, partitions: int, subscriber_id: str) -> dict[str, Any]:
    """Read tier changes, read-committed, until one of a subscriber comes."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "plain",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
        }
    )
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
    until = time.monotonic() + 120
    try:
        while time.monotonic() < until:
            message = consumer.poll(0.05)
            if message is not None and not message.error() and message.key() == subscriber_id.encode():
                found: dict[str, Any] = orjson.loads(message.value() or b"")
                return found
    finally:
        consumer.close()
    raise AssertionError(subscriber_id)


@pytest.mark.slow
async def test_workers_tick_answer_and_export(kafka: LocalKafka) -> None:
    async with system(kafka.bootstrap, POLICY) as running, running.workers(2, STREAM_APP_TICK_SECONDS="0.2") as workers:
        await ready(workers.ports)
        names = [f"s{number}" for number in range(6)]
        for name in names:
            send_plainly(running.bootstrap, running.names.full("billing-events"), fee(name, 100_000))
        topic = running.names.full("tier-changes")
        changes = [await asyncio.to_thread(await_change, running.bootstrap, topic, 2, name) for name in names]
        assert {(change["from"], change["to"], change["provisional"]) for change in changes} == {(None, "C5", True)}
        for port in workers.ports:
            await assert_answers(port, names)
        await assert_metrics(workers.ports, len(names))


async def assert_answers(port: int, names: list[str]) -> None:
    """Whichever worker is asked, the one that owns the subscriber answers."""
    for name in names:
        status, body = await fetch(port, f"/subscribers/{name}")
        assert (status, orjson.loads(body)["tier"]) == (200, "C5"), body
    assert (await fetch(port, "/subscribers/nobody"))[0] == 404
    assert (await fetch(port, "/healthz"))[0] == 200


async def assert_metrics(ports: list[int], subscribers: int) -> None:
    heads, seen = 0.0, set()
    for port in ports:
        _, page = await fetch(port, "/metrics")
        assert b"plain-" not in page
        for family in text_string_to_metric_families(page.decode()):
            seen.add(family.name)
            if family.name == f"{PREFIX}subscribers":
                heads += sum(sample.value for sample in family.samples if sample.labels["tier"] == "C5")
    assert {f"{PREFIX}{entry.name}".removesuffix("_total") for entry in CATALOGUE} <= seen
    assert heads == subscribers


@pytest.mark.slow
async def test_a_replay_of_nothing_but_garbage_ends_too(kafka: LocalKafka, tmp_path: Path) -> None:
    (tmp_path / "events.ndjson").write_bytes(b"{\n\n[]\n")
    (tmp_path / "policy.yaml").write_text(POLICY)
    given = ("--policy", str(tmp_path / "policy.yaml"), "--out", str(tmp_path / "out"), "--bootstrap", kafka.bootstrap)
    code, said = await run("replay", str(tmp_path / "events.ndjson"), *given, "--strict")
    assert code == 3, said
    summary = orjson.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert (summary["events"], summary["rejected"]) == (2, {"not_an_object": 1, "not_json": 1})


@pytest.mark.slow
async def test_start_up_checks_say_what_is_wrong(kafka: LocalKafka) -> None:
    code, said = await run("worker", "--bootstrap", "127.0.0.1:1")
    assert (code, "no Kafka broker answers at 127.0.0.1:1" in said) == (1, True), said
    given = {"STREAM_APP_APP_ID": "nothing-made", "STREAM_APP_TOPIC_PREFIX": "nothing."}
    code, said = await run("worker", "--bootstrap", kafka.bootstrap, **given)
    assert code == 1
    assert "topics are missing" in said
    assert "stream-app topics create" in said
    assert "Traceback" not in said


@pytest.mark.slow
async def test_topics_with_different_partition_counts_are_refused(kafka: LocalKafka) -> None:
    names = {"STREAM_APP_APP_ID": "uneven", "STREAM_APP_TOPIC_PREFIX": "uneven."}
    given = {"STREAM_APP_BOOTSTRAP": kafka.bootstrap, **names}
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("uneven.usage-events", 3, 1)])
    await admin.close()
    code, said = await run("topics", "create", "--partitions", "2", **given)
    assert code == 1
    assert "same number of partitions" in said
    assert "uneven.usage-events 3" in said
    code, said = await run("worker", **given)
    assert (code, "same number of partitions" in said, "Traceback" in said) == (1, True, False), said


@pytest.mark.slow
async def test_the_demo_shows_tiers_moving_and_takes_events_of_others(capsys: pytest.CaptureFixture[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stream_app", "demo", "--seconds", "75", "--subscribers", "60", "--history-days", "100",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert process.stdout is not None
    said, sent, seconds = "", False, 0.0
    async for line in process.stdout:
        said += line.decode()
        if not sent and "history sent" in said:
            sent = True
            seconds = await send_to_demo(re.findall(r"^Kafka +(\S+)", said, re.MULTILINE)[0])
            process.send_signal(signal.SIGINT)  # seen what there is to see
    assert await process.wait() == 0, said
    assert re.search(r"first tier change after [\d.]+ s", said), said
    assert "tier changes: {" in said
    assert "Traceback" not in said
    with capsys.disabled():
        sys.stdout.write(f"\nevent sent -> tier change seen: {seconds:.3f} s\n")


async def send_to_demo(bootstrap: str) -> float:
    """Send an event with a plain client; gives the seconds until its tier change is seen."""
    send_plainly(bootstrap, "billing-events", fee("warm-up", 1_000_000))
    await asyncio.to_thread(await_change, bootstrap, "tier-changes", 4, "warm-up")
    began = time.monotonic()
    send_plainly(bootstrap, "billing-events", fee("mine", 1_000_000))
    change = await asyncio.to_thread(await_change, bootstrap, "tier-changes", 4, "mine")
    assert change["to"] == "C1"
    return time.monotonic() - began
