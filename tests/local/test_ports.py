import socket
from collections.abc import Iterator

import pytest

from stream_app.local import LocalKafka
from stream_app.local.errors import PortInUseError
from stream_app.local.ports import CHOICE, LOOPBACK, answers_kafka, free_port, is_free, require_free


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_chosen_port_is_free_and_below_those_of_outgoing_connections() -> None:
    port = free_port()
    assert port in CHOICE
    assert is_free(port)


def test_a_port_in_use_is_named_with_who_is_there_and_the_way_out(taken_port: int) -> None:
    with pytest.raises(PortInUseError, match=rf"port {taken_port} is in use by another program: choose another"):
        require_free(taken_port)


def test_a_server_that_says_nothing_is_no_kafka(taken_port: int) -> None:
    assert not answers_kafka(taken_port, timeout_seconds=0.05)


def test_a_kafka_on_the_port_is_recognised(kafka: LocalKafka) -> None:
    port = int(kafka.bootstrap.rpartition(":")[2])
    assert answers_kafka(port)
    with pytest.raises(PortInUseError, match="in use by a Kafka broker"):
        require_free(port)
