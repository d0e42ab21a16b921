"""The HTTP of running workers and of a running desk, with TLS."""

import json
import re
import socket
import ssl

import pytest

from stream_app.security.certificates import first_end
from tests.security.conftest import System, until

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def ends(system: System, port: int, name: str) -> dict[str, float]:
    said = system.ask(port, "/metrics")[1].decode()
    return {use: float(at) for use, at in re.findall(rf'^{name}{{use="(\w+)"}} (\S+)$', said, re.MULTILINE)}


def test_either_worker_answers_about_every_subscriber_and_asks_the_other_where_it_must(system: System) -> None:
    for subscriber in system.subscribers:
        for port in system.workers:
            until(lambda: known(system, port, subscriber), lambda: system.log(f"worker-{port}")[-2000:])  # noqa: B023


def known(system: System, port: int, subscriber: str) -> bool:
    status, said = system.ask(port, f"/subscribers/{subscriber}", with_certificate=True)
    return status == 200 and json.loads(said)["subscriber_id"] == subscriber


def test_a_subscriber_is_not_shown_to_who_has_no_certificate_whichever_worker_has_it(system: System) -> None:
    for subscriber in (*system.subscribers, "nobody"):
        for port in system.workers:
            status, said = system.ask(port, f"/subscribers/{subscriber}")
            assert status == 403
            assert b"certificate" in said
            assert b"tier" not in said


def test_health_and_metrics_are_there_for_who_has_none(system: System) -> None:
    for port in system.workers:
        assert [system.ask(port, path)[0] for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 200]


def test_nobody_is_answered_in_plain_text(system: System) -> None:
    for port in (*system.workers, system.desk):
        with socket.create_connection(("127.0.0.1", port), 10) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try:
                assert b"200" not in plain.recv(1000)
            except ConnectionError:
                continue


def test_the_end_of_each_certificate_is_a_metric(system: System) -> None:
    http = first_end(system.folder / "web.pem").timestamp()
    kafka_ca = first_end(system.place.broker.files.ca).timestamp()
    for port in system.workers:
        shown = ends(system, port, "stream_app_certificate_end_timestamp_seconds")
        assert shown == {"http": http, "kafka_ca": kafka_ca}
    assert ends(system, system.desk, "stream_app_desk_certificate_end_timestamp_seconds") == {
        "http": http,
        "kafka_ca": kafka_ca,
    }


def test_the_desk_shows_its_login_over_tls_and_asks_browsers_to_keep_to_it(system: System) -> None:
    status, said = system.ask(system.desk, "/login")
    assert status == 200
    assert b"<form" in said
    context = ssl.create_default_context()  # which knows nothing of our CA
    with socket.create_connection(("127.0.0.1", system.desk), 10) as plain, pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(plain, server_hostname="localhost")
