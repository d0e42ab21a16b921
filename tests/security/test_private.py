import os

import pytest

from stream_app.security.kafka import KafkaSecurity, load_security
from stream_app.security.private import OF_HTTP, unsecured


@pytest.fixture(autouse=True)
def _of_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_APP_KAFKA_SECURITY_PROTOCOL", "SSL")
    monkeypatch.setenv("STREAM_APP_WEB_TLS_CERT_FILE", "cert.pem")
    monkeypatch.setenv("STREAM_APP_DESK_WEB_TLS_CERT_FILE", "cert.pem")
    monkeypatch.setenv("STREAM_APP_LOG_LEVEL", "ERROR")


def of_ours() -> set[str]:
    return {name.removeprefix("STREAM_APP_") for name in os.environ if name.startswith("STREAM_APP_")}


def test_a_private_broker_is_reached_in_plain_text_whatever_is_set_for_the_cluster() -> None:
    with unsecured():
        assert load_security() == KafkaSecurity()
        assert of_ours() & {"WEB_TLS_CERT_FILE", "DESK_WEB_TLS_CERT_FILE"} == set()
        assert "LOG_LEVEL" in of_ours()
    assert load_security().security_protocol == "SSL"


def test_the_demo_on_a_cluster_keeps_what_it_needs_to_reach_it() -> None:
    with unsecured(*OF_HTTP):
        assert load_security().security_protocol == "SSL"
        assert "WEB_TLS_CERT_FILE" not in of_ours()
    assert os.environ["STREAM_APP_WEB_TLS_CERT_FILE"] == "cert.pem"
