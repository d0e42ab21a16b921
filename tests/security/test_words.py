"""What is in the way of reaching a broker is said in a line that names the setting, and holds no password."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.security.conftest import Place
from tests.security.parts import password_of, run

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
Settings = dict[str, str]
OURS = "STREAM_APP_KAFKA_"
BOOTSTRAP = "STREAM_APP_BOOTSTRAP"


def another_password(place: Place) -> Settings:
    wrong = place.folder / "wrong.password"
    wrong.write_text("not the password", encoding="utf-8")
    return {f"{OURS}SASL_PASSWORD_FILE": str(wrong)}


def not_ours(place: Place) -> Settings:
    return {f"{OURS}SSL_CA_FILE": str(place.broker.files.other_ca)}


CASES: dict[str, tuple[Callable[[Place], Settings], str]] = {
    "a wrong password": (another_password, "it does not know user operator by this password"),
    "a user that is none": (lambda _: {f"{OURS}SASL_USERNAME": "nobody"}, "it does not know user nobody"),
    "another mechanism": (lambda _: {f"{OURS}SASL_MECHANISM": "SCRAM-SHA-256"}, "it does not take SCRAM-SHA-256"),
    "an unknown CA": (not_ours, "its certificate is not signed by a CA that is trusted here"),
    "another name than the certificate has": (
        lambda place: {BOOTSTRAP: place.broker.sasl.replace("localhost", "127.0.0.1")},
        "certificate is not valid for '127.0.0.1': give in STREAM_APP_BOOTSTRAP",
    ),
    "TLS to a plain listener": (lambda place: {BOOTSTRAP: place.broker.inside}, "is its listener without TLS?"),
    "a password to a listener that asks for a certificate": (
        lambda place: {BOOTSTRAP: place.broker.mutual},
        "it refuses our certificate, or wants one",
    ),
    "SASL without TLS to a listener with TLS": (
        lambda _: {f"{OURS}SECURITY_PROTOCOL": "SASL_PLAINTEXT", f"{OURS}SSL_CA_FILE": ""},
        "its listener speaks TLS",
    ),
    "SASL to a listener that asks for none": (
        lambda place: {
            BOOTSTRAP: place.broker.inside,
            f"{OURS}SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            f"{OURS}SSL_CA_FILE": "",
        },
        "its listener asks for no password",
    ),
    "no password to a listener that asks for one": (
        lambda _: {
            f"{OURS}SECURITY_PROTOCOL": "SSL",
            f"{OURS}SASL_USERNAME": "",
            f"{OURS}SASL_PASSWORD_FILE": "",
        },
        "does its listener ask for a password (SASL)?",
    ),
    "nobody there": (lambda _: {BOOTSTRAP: "localhost:1"}, "Connect call failed"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_in_the_way_is_said_in_a_line(place: Place, case: str) -> None:
    change, words = CASES[case]
    said = run("topics", "check", env={**place.env("operator"), **change(place)})
    assert said.exit_code == 1, said.output
    assert words in said.output
    assert len(said.output.strip().splitlines()) == 1
    assert password_of("operator") not in said.output


def test_plain_text_to_a_listener_with_tls_is_told_too(place: Place) -> None:
    said = run("topics", "check", env={BOOTSTRAP: place.broker.sasl})
    assert (said.exit_code, "its listener speaks TLS" in said.output) == (1, True), said.output


def test_a_setting_of_no_use_is_a_wrong_setting(place: Place, tmp_path: Path) -> None:
    missing = {f"{OURS}SASL_PASSWORD_FILE": str(tmp_path / "missing")}
    said = run("topics", "check", env={**place.env("operator"), **missing})
    assert (said.exit_code, f"{OURS}SASL_PASSWORD_FILE: " in said.output) == (2, True), said.output


def test_a_certificate_in_place_of_a_password_opens_the_listener_that_asks_for_one(place: Place) -> None:
    mine = str(place.broker.files.client)
    said = run(
        "topics", "check",
        env={
            BOOTSTRAP: place.broker.mutual,
            f"{OURS}SECURITY_PROTOCOL": "SSL",
            f"{OURS}SSL_CA_FILE": str(place.broker.files.ca),
            f"{OURS}SSL_CERT_FILE": mine,
            f"{OURS}SSL_KEY_FILE": mine,
        },
    )  # fmt: skip
    # It comes in, and has no ACL: whoever it is may see nothing.
    assert said.exit_code == 1
    assert "the subject of our certificate may not see them" in said.output
