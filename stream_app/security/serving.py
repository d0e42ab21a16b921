"""TLS of our own HTTP: the certificate that a worker or the desk shows, and whom a worker trusts.

Rule: what is set by halves stops the start, in words.
"""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from stream_app.security.kept import KeptContext, load_pair, load_trusted
from stream_app.settings import SettingsError


class ServerFiles(NamedTuple):
    """The files of a server's TLS, as the settings under a prefix (STREAM_APP_WEB_TLS_) name them."""

    prefix: str
    cert: Path | None
    key: Path | None
    ca: Path | None = None
    client_ca: Path | None = None

    @property
    def is_wanted(self) -> bool:
        """Tell whether the server is to speak TLS; raises SettingsError where that is said by halves."""
        if (self.cert is None) != (self.key is None):
            message = f"{self.prefix}CERT_FILE and {self.prefix}KEY_FILE: give both, or neither"
            raise SettingsError(message)
        if self.cert is None and (self.ca or self.client_ca):
            message = f"{self.prefix}CERT_FILE: give the worker's own certificate and key, since a CA file is set"
            raise SettingsError(message)
        return self.cert is not None


class ServerTls:
    """What a server shows and trusts; the client's side is for asking servers like it."""

    def __init__(self, files: ServerFiles, cert: Path, key: Path) -> None:
        prefix = files.prefix
        pair = {f"{prefix}CERT_FILE": cert, f"{prefix}KEY_FILE": key}
        names = (f"{prefix}CERT_FILE", f"{prefix}KEY_FILE")
        self.cert, self.asks_clients = cert, files.client_ca is not None

        def load_server(context: ssl.SSLContext) -> None:
            load_pair(context, names, cert, key)
            if files.client_ca is not None:
                load_trusted(context, f"{prefix}CLIENT_CA_FILE", files.client_ca)
                context.verify_mode = ssl.CERT_OPTIONAL  # health and metrics are asked for by who has none

        def load_client(context: ssl.SSLContext) -> None:
            load_pair(context, names, cert, key)
            if files.ca is not None:
                load_trusted(context, f"{prefix}CA_FILE", files.ca)

        asked = {f"{prefix}CLIENT_CA_FILE": files.client_ca} if files.client_ca else {}
        trusted = {f"{prefix}CA_FILE": files.ca} if files.ca else {}
        self._server = KeptContext(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), load_server, pair | asked)
        self._client = KeptContext(_trusting(files.ca), load_client, pair | trusted)

    @property
    def server(self) -> ssl.SSLContext:
        """Give the context to listen with."""
        return self._server.context

    @property
    def client(self) -> ssl.SSLContext:
        """Give the context to ask another server with."""
        return self._client.context


def server_tls(files: ServerFiles) -> ServerTls | None:
    """Read the files; None where none are named. Raises SettingsError."""
    if not files.is_wanted or files.cert is None or files.key is None:
        return None
    return ServerTls(files, files.cert, files.key)


def certificates_of(tls: ServerTls | None) -> Mapping[str, Path]:
    """Name the certificate in use, by what for."""
    return {"http": tls.cert} if tls is not None else {}


def _trusting(ca: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context() if ca is None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
