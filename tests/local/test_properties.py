from stream_app.local.properties import server_properties


def parsed(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def test_the_broker_listens_on_the_loopback_address_only() -> None:
    settings = parsed(server_properties("log", 9092, 9093, {}))
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"
    assert settings["advertised.listeners"] == "PLAINTEXT://127.0.0.1:9092"


def test_an_override_wins() -> None:
    settings = parsed(server_properties("log", 1, 2, {"log.retention.ms": "1000", "new.one": "x"}))
    assert settings["log.retention.ms"] == "1000"
    assert settings["new.one"] == "x"
