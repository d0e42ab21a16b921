"""Why brokers cannot be reached, in words: the client says no more than that they were not.

Rule: asked only after a client failed; it connects anew, step by step, and tells where that ends.
"""

import asyncio
import ssl
from asyncio import IncompleteReadError
from collections.abc import Iterator
from typing import Any

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
from aiokafka.errors import TransactionalIdAuthorizationFailed as TransactionalIdRefused
from aiokafka.protocol.metadata import MetadataRequest

from stream_app.security import kafka
from stream_app.security.kafka import KafkaSecurity, client_arguments, load_security

CONNECT_MILLISECONDS = 5000
ALERT = 0x15  # a TLS record that says what is wrong; read as a length by who expects none
NOT_ALLOWED = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdRefused,
)
BY_CODE = {  # OpenSSL's codes (x509_vfy.h)
    10: "its certificate has ended: the brokers need a new one",
    9: "its certificate is not valid yet: look at the clocks of both machines",
    62: "{why}: give in STREAM_APP_BOOTSTRAP, and have the brokers advertise, a name that the certificate has",
    64: "{why}: give in STREAM_APP_BOOTSTRAP, and have the brokers advertise, a name that the certificate has",
}
UNKNOWN_CA = "its certificate is not signed by a CA that is trusted here ({why}): give that CA's in " + kafka.CA_FILE


async def why_unreachable(bootstrap: str) -> str:
    """Try the brokers one by one and say what is in the way of each; empty where there is nothing."""
    security = load_security()
    arguments = client_arguments(security)
    hosts = [(host, port) for host, port, _ in collect_hosts(bootstrap)]
    found = await asyncio.gather(*(_refusal(host, port, arguments) for host, port in hosts))
    words = {worded(refusal, security) for refusal in found if refusal is not None}
    return "; ".join(sorted(words))


def not_allowed(error: KafkaError, security: KafkaSecurity) -> str:
    """Word a refusal by the brokers' ACLs; empty for any other error."""
    if not isinstance(error, NOT_ALLOWED):
        return ""
    what = f"{type(error).__name__}: {error.args[0]!r}" if error.args else type(error).__name__
    return (
        f"the brokers do not allow {security.who} what was asked ({what}): `stream-app topics acls` says what it needs"
    )


def may_not_see() -> str:
    """Say that what seems missing may be hidden, to add to such a message: brokers do not list what one may not see."""
    security = load_security()
    if security.security_protocol == "PLAINTEXT":
        return ""
    return f" - unless they are there, and {security.who} may not see them: `stream-app topics acls` says what it needs"


def worded(refusal: BaseException, security: KafkaSecurity) -> str:
    """Say what a failed connection means, and which setting it is about."""
    for each in _causes(refusal):
        words = _of_tls(each) or _of_sasl(each, security) or _of_end(each, security)
        if words:
            return words
    return f"{refusal}" or type(refusal).__name__


async def _refusal(host: str, port: int, arguments: dict[str, Any]) -> BaseException | None:
    try:
        connection = await create_conn(host, port, request_timeout_ms=CONNECT_MILLISECONDS, **arguments)
        try:
            # A listener that wants SASL ends the connection only now, and TLS 1.3 tells now of a missing certificate.
            await connection.send(MetadataRequest([]))
        finally:
            connection.close()
    except (KafkaError, OSError, TimeoutError) as refusal:
        return refusal
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Give what an error came of, the first cause first: aiokafka's own words say least."""
    chain = []
    while error is not None:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return reversed(chain)


def _of_tls(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return BY_CODE.get(error.verify_code, UNKNOWN_CA).format(why=error.verify_message.rstrip("."))
    if isinstance(error, ssl.SSLError):
        if "CERTIFICATE" in (error.reason or ""):
            return f"it refuses our certificate, or wants one ({error.reason}): see {kafka.CERT_FILE}, {kafka.KEY_FILE}"
        return f"TLS does not come about ({error.reason}): is its listener one of {kafka.PROTOCOL}?"
    return ""


def _of_sasl(error: BaseException, security: KafkaSecurity) -> str:
    if isinstance(error, SaslAuthenticationFailed):
        return f"it does not know {security.who} by this password: see {kafka.USERNAME}, {kafka.PASSWORD_FILE}"
    if isinstance(error, UnsupportedSaslMechanismError):
        return f"it does not take {security.sasl_mechanism}: see {kafka.MECHANISM}"
    if isinstance(error, IllegalSaslStateError):
        without = "SSL" if security.has_tls else "PLAINTEXT"
        return f"its listener asks for no password: set {kafka.PROTOCOL} to {without}, or use its listener with SASL"
    return ""


def _of_end(error: BaseException, security: KafkaSecurity) -> str:
    """Word a connection that the broker ended: it speaks something else, and does not say what."""
    set_to = f"{kafka.PROTOCOL} is {security.security_protocol}"
    if isinstance(error, IncompleteReadError):
        if not security.has_tls and (error.expected or 0) >> 24 == ALERT:
            return f"its listener speaks TLS, and {set_to}: set it to SSL or SASL_SSL"
        if not security.has_sasl:
            return f"it ended the connection; {set_to}: does its listener ask for a password (SASL)?"
    if isinstance(error, ConnectionResetError) and security.has_tls:
        return f"it ended the connection when TLS was begun; {set_to}: is its listener without TLS?"
    return ""
