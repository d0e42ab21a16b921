"""A secured broker with the parts' users, and a system at work on it; both for all tests of this folder."""

import json
import ssl
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme
from confluent_kafka import Producer

from stream_app.replay.mirror import partition_of
from tests.security.parts import add_parts, client, environment, run, running
from tests.security.secured import Secured, distinct_ports, secured_kafka, write

BOUND_SECONDS = 240  # a machine may have much else to do
PARTITIONS = 2
Status = int


class Place(NamedTuple):
    """A secured broker and the folder with passwords and certificates."""

    broker: Secured
    folder: Path

    def env(self, part: str) -> dict[str, str]:
        return environment(self.broker, self.folder, part)

    def client(self, part: str) -> dict[str, str]:
        return client(self.broker, part)


class System(NamedTuple):
    """Two workers and a desk, each with a user of its own, all with TLS on their HTTP."""

    place: Place
    workers: Sequence[int]  # ports
    desk: int
    folder: Path
    subscribers: Sequence[str]  # one a partition

    def ask(self, port: int, path: str, *, with_certificate: bool = False) -> tuple[Status, bytes]:
        """Ask over TLS, trusting the system's CA alone."""
        context = ssl.create_default_context(cafile=str(self.folder / "web-ca.pem"))
        if with_certificate:
            context.load_cert_chain(self.folder / "web.pem")
        try:
            with urllib.request.urlopen(f"https://localhost:{port}{path}", context=context, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


@pytest.fixture(scope="package")  # and gone before other tests want the machine
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("secured")
    with secured_kafka(folder) as broker:
        add_parts(broker, folder)
        found = Place(broker, folder)
        made = run("topics", "create", "--partitions", str(PARTITIONS), env=found.env("operator"))
        assert made.exit_code == 0, made.output
        yield found


@pytest.fixture(scope="package")  # and gone before other tests want the machine
def system(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    first, second, desk = distinct_ports(3)
    found = System(place, (first, second), desk, folder, one_a_partition())
    make_certificates(folder)
    with ExitStack() as stack:
        for port in found.workers:
            stack.enter_context(running(folder, f"worker-{port}", "worker", env=worker_settings(found, port)))
        migrated = run("desk", "migrate", env=desk_settings(found))
        assert migrated.exit_code == 0, migrated.output
        stack.enter_context(running(folder, "desk", "desk", "serve", env=desk_settings(found)))
        publish(found)
        for port in (*found.workers, desk):
            until(lambda port=port: answers(found, port), lambda: found.log("desk")[-2000:])  # type: ignore[misc]
        yield found


def answers(system: System, port: int) -> bool:
    try:
        status, said = system.ask(port, "/readyz")
    except (urllib.error.URLError, ConnectionError):
        return False
    partitions = json.loads(said).get("partitions", [0])
    return status == 200 and len(partitions) == 1


def until(holds: Callable[[], bool], said: Callable[[], str]) -> None:
    """Wait until something holds, with a bound."""
    deadline = time.monotonic() + BOUND_SECONDS
    while not holds():
        assert time.monotonic() < deadline, said()
        time.sleep(0.1)


def one_a_partition() -> list[str]:
    """Name a subscriber for each partition."""
    found: dict[int, str] = {}
    for number in range(100):
        found.setdefault(partition_of(f"customer-{number}", PARTITIONS), f"customer-{number}")
    return [found[partition] for partition in range(PARTITIONS)]


def make_certificates(folder: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "web-ca.pem")
    write(ca.issue_cert("localhost"), folder / "web.pem")


def worker_settings(system: System, port: int) -> dict[str, str]:
    pem, ca = str(system.folder / "web.pem"), str(system.folder / "web-ca.pem")
    return {
        **system.place.env("worker"),
        "STREAM_APP_DATA_DIR": str(system.folder / f"data-{port}"),
        "STREAM_APP_WEB_PORT": str(port),
        "STREAM_APP_WEB_ADVERTISED_HOST": "localhost",
        "STREAM_APP_WEB_TLS_CERT_FILE": pem,
        "STREAM_APP_WEB_TLS_KEY_FILE": pem,
        "STREAM_APP_WEB_TLS_CA_FILE": ca,
        "STREAM_APP_WEB_TLS_CLIENT_CA_FILE": ca,
    }


def desk_settings(system: System) -> dict[str, str]:
    return {
        **system.place.env("desk"),
        "STREAM_APP_DESK_DATABASE_URL": f"sqlite:///{system.folder / 'desk.db'}",
        "STREAM_APP_DESK_WEB_PORT": str(system.desk),
        "STREAM_APP_DESK_WEB_TLS_CERT_FILE": str(system.folder / "web.pem"),
        "STREAM_APP_DESK_WEB_TLS_KEY_FILE": str(system.folder / "web.pem"),
        "STREAM_APP_DESK_ACT_FROM": "earliest",
    }


def publish(system: System) -> None:
    """Publish a call that makes each subscriber a good customer, and a record that is none, as the publisher."""
    producer = Producer({**system.place.client("publisher"), "partitioner": "murmur2_random"})
    for subscriber in system.subscribers:
        event = {
            "event_id": uuid.uuid4().hex, "type": "usage.recorded", "subscriber_id": subscriber,
            "occurred_at": datetime.now(UTC).isoformat(), "service": "voice", "duration_seconds": 600,
            "charge_fen": 250_000,
        }  # fmt: skip
        producer.produce("usage-events", key=subscriber, value=json.dumps(event))
    producer.produce("usage-events", key="nobody", value=b"no event")
    assert producer.flush(30) == 0
