"""Loopback ports: choosing a free one, and asking who is there."""

import random
import socket
import struct

from stream_app.local.errors import PortInUseError

LOOPBACK = "127.0.0.1"
# Below the ranges that systems hand to outgoing connections: there, a client that keeps dialling a stopped broker can
# be given the broker's own port and connect to itself, and the broker cannot come back.
CHOICE = range(15_000, 30_000)
CHOICE_TRIES = 200

_API_VERSIONS_KEY = 18
_CORRELATION = 1
_CLIENT = b"stream-app"
_ANSWER = struct.Struct(">iih")  # length, correlation id, error code


def free_port() -> int:
    """Choose a loopback port that nobody listens on."""
    for port in random.sample(CHOICE, CHOICE_TRIES):
        if is_free(port):
            return port
    message = f"no free port found between {CHOICE.start} and {CHOICE.stop}"
    raise PortInUseError(message)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the loopback port."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Java does: old connections do not count
        try:
            candidate.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def require_free(port: int) -> None:
    """Raise PortInUseError, saying what kind of program listens, unless the port is free."""
    if is_free(port):
        return
    occupant = "a Kafka broker" if answers_kafka(port) else "another program"
    message = f"port {port} is in use by {occupant}: choose another (0 = any free one), or use that broker's address"
    raise PortInUseError(message)


def answers_kafka(port: int, timeout_seconds: float = 1.0) -> bool:
    """Tell whether a Kafka broker answers ApiVersions on the port; it does so only once it can serve."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout_seconds) as connection:
            connection.sendall(_api_versions_request())
            answer = connection.recv(_ANSWER.size, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(answer) == _ANSWER.size and _ANSWER.unpack(answer)[1:] == (_CORRELATION, 0)


def _api_versions_request() -> bytes:
    body = struct.pack(">hhih", _API_VERSIONS_KEY, 0, _CORRELATION, len(_CLIENT)) + _CLIENT
    return struct.pack(">i", len(body)) + body
