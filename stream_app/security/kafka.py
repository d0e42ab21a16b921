"""How every Kafka client of ours reaches the brokers: one set of settings (STREAM_APP_KAFKA_*), turned into arguments.

Rule: nobody makes a client without `kafka_at`, or, for Faust, `faust_credentials`.
"""

import ssl
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stream_app.security.kept import KeptContext, load_pair, load_trusted
from stream_app.settings import KAFKA, PREFIX, FileOrNone, SettingsError, load_prefixed

OURS = PREFIX + KAFKA
PROTOCOL, MECHANISM = f"{OURS}SECURITY_PROTOCOL", f"{OURS}SASL_MECHANISM"
USERNAME, PASSWORD_FILE = f"{OURS}SASL_USERNAME", f"{OURS}SASL_PASSWORD_FILE"
CA_FILE, CERT_FILE, KEY_FILE = f"{OURS}SSL_CA_FILE", f"{OURS}SSL_CERT_FILE", f"{OURS}SSL_KEY_FILE"
LONGEST_PASSWORD_BYTES = 64 << 10


class KafkaSecurity(BaseModel):
    """How we are known to the brokers; each field is the variable STREAM_APP_KAFKA_<FIELD>."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="what the brokers' listener speaks: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="how a password is shown: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN"
    )
    sasl_username: str = Field("", description="the user that we are to Kafka")
    sasl_password_file: FileOrNone = Field(None, description="file that holds the user's password, and no more")
    ssl_ca_file: FileOrNone = Field(
        None, description="CA certificates (PEM) that the brokers' are signed by; none: those that the machine trusts"
    )
    ssl_cert_file: FileOrNone = Field(None, description="certificate (PEM) to show to the brokers, where they ask")
    ssl_key_file: FileOrNone = Field(None, description="the certificate's private key (PEM, without a password)")

    @property
    def has_tls(self) -> bool:
        """Tell whether the connection is encrypted."""
        return self.security_protocol.endswith("SSL")

    @property
    def has_sasl(self) -> bool:
        """Tell whether we show a password."""
        return self.security_protocol.startswith("SASL")

    @property
    def who(self) -> str:
        """Say who we are, for messages."""
        if self.has_sasl:
            return f"user {self.sasl_username}"
        return "the subject of our certificate" if self.ssl_cert_file else "this client (anonymous)"


def load_security() -> KafkaSecurity:
    """Read the environment; raises SettingsError, naming the variable and what is wrong."""
    security = load_prefixed(KafkaSecurity, OURS, "`stream-app worker --help` lists all")
    for is_wrong, message in _contradictions(security):
        if is_wrong:
            raise SettingsError(message)
    return security


def kafka_at(bootstrap: str) -> dict[str, Any]:
    """Give the arguments by which a client of aiokafka reaches brokers; raises SettingsError."""
    return {"bootstrap_servers": bootstrap, **client_arguments(load_security())}


def client_arguments(security: KafkaSecurity) -> dict[str, Any]:
    """Turn settings into arguments of aiokafka; files are read now, so a new client knows a new password."""
    found: dict[str, Any] = {"security_protocol": security.security_protocol}
    if security.has_tls:
        found["ssl_context"] = tls_context(security)
    if security.has_sasl:
        found |= {
            "sasl_mechanism": security.sasl_mechanism,
            "sasl_plain_username": security.sasl_username,
            "sasl_plain_password": _password(security.sasl_password_file),
        }
    return found


def tls_context(security: KafkaSecurity) -> ssl.SSLContext:
    """Give the one TLS context of these settings, its files read again if they have changed."""
    kept = _kept(security)
    kept.refresh()
    return kept.context


def certificate_files(security: KafkaSecurity) -> dict[str, Path]:
    """Name the certificates in use, by what for."""
    if not security.has_tls:
        return {}
    wanted = {"kafka": security.ssl_cert_file, "kafka_ca": security.ssl_ca_file}
    return {use: path for use, path in wanted.items() if path is not None}


@cache
def _kept(security: KafkaSecurity) -> KeptContext:
    # The system's CAs only where no file is given: who names a CA trusts no other.
    context = ssl.create_default_context() if security.ssl_ca_file is None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    named = {CA_FILE: security.ssl_ca_file, CERT_FILE: security.ssl_cert_file, KEY_FILE: security.ssl_key_file}

    def load(into: ssl.SSLContext) -> None:
        if security.ssl_ca_file is not None:
            load_trusted(into, CA_FILE, security.ssl_ca_file)
        if security.ssl_cert_file is not None and security.ssl_key_file is not None:
            load_pair(into, (CERT_FILE, KEY_FILE), security.ssl_cert_file, security.ssl_key_file)

    return KeptContext(context, load, {variable: path for variable, path in named.items() if path is not None})


def _password(path: Path | None) -> str:
    """Read a password, without the line's end that editors put there; raises SettingsError, which never holds it."""
    try:
        text = path.read_bytes()[:LONGEST_PASSWORD_BYTES].decode().rstrip("\r\n") if path else ""
    except OSError as refusal:
        message = f"{PASSWORD_FILE}: {path} cannot be read: {refusal.strerror}"
        raise SettingsError(message) from None
    except UnicodeDecodeError:
        message = f"{PASSWORD_FILE}: {path} holds no text (UTF-8)"
        raise SettingsError(message) from None
    if not text or "\n" in text:
        message = f"{PASSWORD_FILE}: {path} must hold one line, the password"
        raise SettingsError(message)
    return text


def _contradictions(security: KafkaSecurity) -> list[tuple[bool, str]]:
    """Say what cannot be meant: a password or certificate that would not be used is a mistake about safety."""
    protocol = security.security_protocol
    files = (security.ssl_ca_file, security.ssl_cert_file, security.ssl_key_file)
    named = bool(security.sasl_username or security.sasl_password_file)
    return [
        (
            named and not security.has_sasl,
            f"{PROTOCOL}: it is {protocol}, by which no password is shown; a user is set: choose SASL_SSL",
        ),
        (
            any(files) and not security.has_tls,
            f"{PROTOCOL}: it is {protocol}, which has no TLS; certificates are set: choose SSL or SASL_SSL",
        ),
        (
            security.has_sasl and not security.sasl_username,
            f"{USERNAME}: name the user, since {PROTOCOL} is {protocol}",
        ),
        (
            security.has_sasl and security.sasl_password_file is None,
            f"{PASSWORD_FILE}: name the file with the user's password, since {PROTOCOL} is {protocol}",
        ),
        (
            bool(security.ssl_cert_file) != bool(security.ssl_key_file),
            f"{CERT_FILE} and {KEY_FILE}: give both, or neither",
        ),
        (
            protocol == "SASL_PLAINTEXT" and security.sasl_mechanism == "PLAIN",
            f"{MECHANISM}: PLAIN would send the password in the clear: set {PROTOCOL} to SASL_SSL, or use SCRAM",
        ),
    ]
