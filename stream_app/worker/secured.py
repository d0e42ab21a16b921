"""What TLS and SASL mean to Faust: the options that a worker gives it, and who may see a subscriber."""

import asyncio
from typing import Any

import faust
from aiohttp import ClientSession, TCPConnector

from stream_app.security.kafka import client_arguments, load_security
from stream_app.security.serving import ServerFiles, ServerTls, server_tls
from stream_app.settings import PREFIX, Settings

NO_CERTIFICATE = "a subscriber is shown only to who has a certificate that this worker trusts (WEB_TLS_CLIENT_CA_FILE)"


def web_tls(settings: Settings) -> ServerTls | None:
    """Read the files of the worker's HTTP; None where it is to be without TLS. Raises SettingsError."""
    return server_tls(
        ServerFiles(
            f"{PREFIX}WEB_TLS_",
            settings.web_tls_cert_file,
            settings.web_tls_key_file,
            settings.web_tls_ca_file,
            settings.web_tls_client_ca_file,
        )
    )


def broker_options() -> dict[str, Any]:
    """Give Faust's options for the brokers' security; raises SettingsError."""
    security = load_security()
    arguments = client_arguments(security)
    if security.has_sasl:
        credentials: Any = faust.SASLCredentials(
            username=arguments["sasl_plain_username"],
            password=arguments["sasl_plain_password"],
            ssl_context=arguments.get("ssl_context"),
            mechanism=arguments["sasl_mechanism"],
        )
        return {"broker_credentials": credentials}
    if security.has_tls:
        return {"broker_credentials": faust.SSLCredentials(context=arguments["ssl_context"])}
    return {}


def web_options(tls: ServerTls | None) -> dict[str, Any]:
    """Give Faust's options for the worker's HTTP, and for asking the other workers'."""
    if tls is None:
        return {}

    def client() -> ClientSession:  # made by Faust in its loop, when the first request has to go on to another worker
        return ClientSession(connector=TCPConnector(ssl=tls.client))

    return {"web_ssl_context": tls.server, "HttpClient": client}


def may_see_subscribers(tls: ServerTls | None, request: Any) -> bool:
    """Tell whether who asks has shown a certificate, where one is wanted."""
    if tls is None or not tls.asks_clients:
        return True
    transport: asyncio.BaseTransport | None = request.transport
    return transport is not None and bool(transport.get_extra_info("peercert"))
