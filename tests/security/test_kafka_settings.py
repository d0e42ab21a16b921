"""The settings of TLS and SASL: what they mean to a client, and what is wrong with them in words."""

import ast
import ssl
from pathlib import Path

import pytest
import trustme

from stream_app.security.kafka import KafkaSecurity, client_arguments, kafka_at, load_security, tls_context
from stream_app.settings import SettingsError, load_settings
from tests.house.sources import modules
from tests.security.secured import Files, make_files, write

TEXT = "s3cret"
OURS = "STREAM_APP_KAFKA_"
CLIENTS = {"AIOKafkaConsumer", "AIOKafkaProducer", "AIOKafkaAdminClient", "TransactionalProducer"}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return make_files(tmp_path)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{TEXT}\n", encoding="utf-8")
    return path


def set_all(monkeypatch: pytest.MonkeyPatch, **settings: object) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(OURS + name.upper(), str(value))


def test_without_settings_a_client_speaks_plain_text() -> None:
    assert kafka_at("one:9092") == {"bootstrap_servers": "one:9092", "security_protocol": "PLAINTEXT"}


def test_a_password_comes_from_its_file_without_the_lines_end(monkeypatch: pytest.MonkeyPatch, password: Path) -> None:
    set_all(monkeypatch, security_protocol="SASL_SSL", sasl_username="worker", sasl_password_file=password)
    found = kafka_at("one:9092")
    assert isinstance(found.pop("ssl_context"), ssl.SSLContext)
    assert found == {
        "bootstrap_servers": "one:9092",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "worker",
        "sasl_plain_password": TEXT,
    }


def test_a_new_client_takes_the_password_that_the_file_has_now(password: Path) -> None:
    security = KafkaSecurity(security_protocol="SASL_PLAINTEXT", sasl_username="worker", sasl_password_file=password)
    assert client_arguments(security)["sasl_plain_password"] == TEXT
    password.write_text(TEXT[::-1], encoding="utf-8")
    assert client_arguments(security)["sasl_plain_password"] == TEXT[::-1]


def test_the_brokers_name_is_checked_and_no_other_ca_than_the_one_given_is_trusted(files: Files) -> None:
    context = tls_context(KafkaSecurity(security_protocol="SSL", ssl_ca_file=files.ca))
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) == 1


def test_a_certificate_that_was_replaced_is_used_without_a_restart(files: Files) -> None:
    security = KafkaSecurity(
        security_protocol="SSL", ssl_ca_file=files.ca, ssl_cert_file=files.client, ssl_key_file=files.client
    )
    before = tls_context(security)
    write(trustme.CA().issue_cert("another"), files.client)
    assert tls_context(security) is before  # clients that run hold it, and show the new one when they connect again
    files.client.write_text("no certificate", encoding="utf-8")
    with pytest.raises(SettingsError, match=f"{OURS}SSL_CERT_FILE"):
        tls_context(security)


def test_an_empty_variable_names_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, ssl_ca_file="", sasl_password_file="")
    assert load_security() == KafkaSecurity()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"security_protocol": "TLS"}, r"SECURITY_PROTOCOL: .*\(it is 'TLS'\)"),
        ({"sasl_username": "worker"}, "SECURITY_PROTOCOL: it is PLAINTEXT, by which no password is shown"),
        ({"ssl_ca_file": "ca.pem"}, "SECURITY_PROTOCOL: it is PLAINTEXT, which has no TLS"),
        ({"security_protocol": "SASL_SSL"}, "SASL_USERNAME: name the user"),
        ({"security_protocol": "SASL_SSL", "sasl_username": "worker"}, "SASL_PASSWORD_FILE: name the file"),
        ({"security_protocol": "SSL", "ssl_cert_file": "mine.pem"}, "SSL_CERT_FILE and .*SSL_KEY_FILE: give both"),
        (
            {
                "security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN", "sasl_username": "worker",
                "sasl_password_file": "password",
            },
            "SASL_MECHANISM: PLAIN would send the password in the clear",
        ),
        ({"sasl_password": "s3cret"}, "SASL_PASSWORD: there is no such setting; do you mean .*SASL_PASSWORD_FILE"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], message: str
) -> None:
    set_all(monkeypatch, **settings)
    with pytest.raises(SettingsError, match=f"{OURS}{message}") as refusal:
        load_security()
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        (b"", "must hold one line"),
        (b"\n", "must hold one line"),
        (b"s3cret\nand more", "must hold one line"),
        (b"\xff\xfe", "holds no text"),
    ],
)
def test_a_password_file_of_no_use_is_told_without_its_content(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "of-no-use"
    if content is not None:
        path.write_bytes(content)
    security = KafkaSecurity(security_protocol="SASL_PLAINTEXT", sasl_username="worker", sasl_password_file=path)
    with pytest.raises(SettingsError, match=f"SASL_PASSWORD_FILE: .*of-no-use.*{message}") as refusal:
        client_arguments(security)
    assert "s3cret" not in str(refusal.value)


def test_files_that_hold_no_certificate_are_told_by_their_variables(tmp_path: Path, files: Files) -> None:
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"SSL_CA_FILE \(.*nothing\.pem\) holds no CA certificate"):
        tls_context(KafkaSecurity(security_protocol="SSL", ssl_ca_file=nothing))
    with pytest.raises(SettingsError, match=r"SSL_CA_FILE: .*missing\.pem cannot be read"):
        tls_context(KafkaSecurity(security_protocol="SSL", ssl_ca_file=tmp_path / "missing.pem"))
    mixed = KafkaSecurity(security_protocol="SSL", ssl_cert_file=files.client, ssl_key_file=files.server)
    with pytest.raises(SettingsError, match=r"SSL_CERT_FILE .*SSL_KEY_FILE .*KEY_VALUES_MISMATCH"):
        tls_context(mixed)


def test_a_worker_takes_its_settings_although_those_of_kafka_are_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, security_protocol="SSL")
    assert load_settings().bootstrap == "127.0.0.1:9092"


def test_no_client_is_made_but_by_these_settings() -> None:
    unprotected = [
        f"{name}:{call.lineno}"
        for name, tree in modules().items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and made(call) in CLIENTS and not spreads(call)
    ]
    assert unprotected == []


def made(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def spreads(call: ast.Call) -> bool:
    """Tell whether a call takes `kafka_at(...)`, or what was made of it, and names no broker by itself."""
    spread = {ast.unparse(keyword.value).partition("(")[0] for keyword in call.keywords if keyword.arg is None}
    ways = {"kafka_at", "given", "connection", "self._connection"}  # of the ticker, and of the lane by way of Faust
    return bool(spread & ways) and all(keyword.arg != "bootstrap_servers" for keyword in call.keywords)
