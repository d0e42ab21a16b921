import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from stream_app.local import LocalKafka
from stream_app.local.errors import BrokerFailedError, FolderInUseError, LocalKafkaError, PortInUseError

TOPIC = "local-broker"
BOUND_SECONDS = 30

OWNER = """
import sys
from pathlib import Path
from stream_app.local import LocalKafka
folder = Path(sys.argv[1]) if sys.argv[1] else None
with LocalKafka(folder) as kafka:
    print(kafka.pid, kafka.log_path.parent, flush=True)
    sys.stdin.read()
"""


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + BOUND_SECONDS
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def make_topic(kafka: LocalKafka, name: str) -> None:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    for made in admin.create_topics([NewTopic(name, num_partitions=1)]).values():
        made.result(BOUND_SECONDS)


def produce(kafka: LocalKafka, topic: str, values: list[bytes]) -> None:
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "acks": "all", "message.max.bytes": 4_000_000})
    for value in values:
        producer.produce(topic, value)
    assert producer.flush(BOUND_SECONDS) == 0


def consume(kafka: LocalKafka, topic: str, count: int) -> list[bytes | None]:
    settings = {"bootstrap.servers": kafka.bootstrap, "group.id": f"g-{topic}", "auto.offset.reset": "earliest"}
    consumer = Consumer({**settings, "enable.auto.commit": False})
    try:
        consumer.subscribe([topic])
        return [message.value() for message in consumer.consume(count, BOUND_SECONDS) if not message.error()]
    finally:
        consumer.close()


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_record_of_two_mebibytes_goes_in_and_out(kafka: LocalKafka) -> None:
    make_topic(kafka, "local-large")
    large = os.urandom(2 << 20)
    produce(kafka, "local-large", [large])
    assert consume(kafka, "local-large", 1) == [large]


def test_a_topic_that_nobody_made_is_not_made_by_a_typo(kafka: LocalKafka) -> None:
    listed = AdminClient({"bootstrap.servers": kafka.bootstrap}).list_topics("local-tpyo", timeout=BOUND_SECONDS)
    assert listed.topics["local-tpyo"].error is not None


def test_a_broker_has_no_address_before_its_first_start(tmp_path: Path) -> None:
    with pytest.raises(LocalKafkaError, match="before its first start"):
        _ = LocalKafka(tmp_path).bootstrap


def test_a_port_in_use_is_refused_and_leaves_the_folder_free(kafka: LocalKafka, tmp_path: Path) -> None:
    port = int(kafka.bootstrap.rpartition(":")[2])
    for _ in range(2):  # the second would find the folder in use, had the first kept it
        with pytest.raises(PortInUseError, match=f"port {port} is in use by a Kafka broker"):
            LocalKafka(tmp_path, port=port).start()


@pytest.mark.kafka
def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    broker = LocalKafka(tmp_path, overrides={"log.segment.bytes": "many"})
    with pytest.raises(BrokerFailedError, match=r"ConfigException.*log\.segment\.bytes.*broker\.log"):
        broker.start()
    assert broker.pid is None


@pytest.mark.kafka
@pytest.mark.slow
def test_what_was_acked_survives_a_kill_and_a_stop(tmp_path: Path) -> None:
    values: list[bytes | None] = [b"%d" % n for n in range(1000)]
    with LocalKafka(tmp_path) as broker:
        make_topic(broker, TOPIC)
        produce(broker, TOPIC, [value for value in values if value])
        address = broker.bootstrap
        broker.kill()
        broker.start()
        assert broker.bootstrap == address
        assert consume(broker, TOPIC, len(values)) == values
        broker.stop()
        assert broker.pid is None
        broker.start()
        assert consume(broker, TOPIC, len(values)) == values


@pytest.mark.kafka
def test_a_second_broker_on_a_live_folder_is_refused(tmp_path: Path) -> None:
    with LocalKafka(tmp_path) as broker:
        with pytest.raises(FolderInUseError, match="in use by another broker"):
            LocalKafka(tmp_path).start()
        make_topic(broker, TOPIC)  # and the first is none the worse


@pytest.mark.kafka
@pytest.mark.slow
def test_a_broker_that_ended_by_itself_is_started_again_on_its_data() -> None:
    with LocalKafka() as broker:
        make_topic(broker, TOPIC)
        produce(broker, TOPIC, [b"kept"])
        assert broker.pid
        os.kill(broker.pid, signal.SIGKILL)
        assert eventually(lambda: broker.pid is None)
        broker.start()
        assert consume(broker, TOPIC, 1) == [b"kept"]


@pytest.mark.kafka
def test_the_folder_may_have_any_name(tmp_path: Path) -> None:
    with LocalKafka(tmp_path / "数据 of ARPU=x") as broker:
        make_topic(broker, TOPIC)
        assert broker.log_path.exists()


@pytest.mark.kafka
def test_a_temporary_folder_goes_with_the_broker() -> None:
    with LocalKafka() as broker:
        folder = broker.log_path.parent
        assert broker.log_path.exists()
    assert not folder.exists()


@pytest.mark.kafka
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
@pytest.mark.parametrize("named", [True, False], ids=["named folder", "temporary folder"])
def test_the_broker_does_not_outlive_a_killed_owner(tmp_path: Path, *, named: bool) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path) if named else ""]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid, folder = owner.stdout.readline().split()
        assert is_running(int(pid))
        owner.kill()
        owner.wait()
    assert eventually(lambda: not is_running(int(pid)))
    assert eventually(lambda: Path(folder).exists() == named)


@pytest.mark.kafka
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_ctrl_c_comes_to_the_owner_alone_who_stops_the_broker_cleanly(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, start_new_session=True, **pipes) as owner:  # type: ignore[call-overload]
        pid = int(owner.stdout.readline().split()[0])
        os.killpg(owner.pid, signal.SIGINT)  # as a terminal does: to the whole foreground group
        owner.communicate(timeout=BOUND_SECONDS)
    assert not is_running(pid)
    assert "shut down completed" in (tmp_path / "broker.log").read_text(encoding="utf-8")
