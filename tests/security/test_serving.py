"""TLS of our own HTTP, on real sockets."""

import asyncio
import logging
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from stream_app.security.kept import refresh_all
from stream_app.security.loops import FAREWELL_SECONDS, new_loop
from stream_app.security.serving import ServerFiles, ServerTls, server_tls
from stream_app.settings import SettingsError
from tests.security.secured import write

PREFIX = "STREAM_APP_WEB_TLS_"
HOST = "localhost"


class Certificates:
    """A CA, and a certificate by it in a file; it can be renewed."""

    def __init__(self, folder: Path) -> None:
        self.authority, self.ca, self.cert = trustme.CA(), folder / "ca.pem", folder / "cert.pem"
        self.authority.cert_pem.write_to_path(self.ca)
        self.renew()

    def renew(self, name: str = HOST) -> None:
        aside = self.cert.with_suffix(".new")
        write(self.authority.issue_cert(name), aside)
        os.replace(aside, self.cert)  # noqa: PTH105 - as those who renew certificates do, in one step

    def tls(self, *, asks_clients: bool = False) -> ServerTls:
        found = server_tls(ServerFiles(PREFIX, self.cert, self.cert, self.ca, self.ca if asks_clients else None))
        assert found is not None
        return found


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


@asynccontextmanager
async def served(tls: ServerTls) -> AsyncIterator[int]:
    """Serve one line: whether a certificate was shown."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"known\n" if writer.get_extra_info("peercert") else b"unknown\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls.server)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def ask(port: int, context: ssl.SSLContext, host: str = HOST) -> tuple[bytes, bytes]:
    """Give the answer, and the certificate that was shown."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=host)
    try:
        shown: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return await reader.readline(), shown.getpeercert(binary_form=True) or b""
    finally:
        writer.transport.abort()


def stranger(certificates: Certificates) -> ssl.SSLContext:
    """Trust the server, show nothing."""
    return ssl.create_default_context(cafile=str(certificates.ca))


async def test_servers_of_one_ca_know_each_other_and_a_stranger_is_told_from_them(certificates: Certificates) -> None:
    tls = certificates.tls(asks_clients=True)
    async with served(tls) as port:
        assert (await ask(port, tls.client))[0] == b"known\n"
        assert (await ask(port, stranger(certificates)))[0] == b"unknown\n"


async def test_who_shows_a_certificate_of_another_ca_is_turned_away(certificates: Certificates, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    liar = stranger(certificates)
    liar.load_cert_chain(Certificates(elsewhere).cert)
    async with served(certificates.tls(asks_clients=True)) as port:
        try:
            answer, _ = await ask(port, liar)
        except (ssl.SSLError, ConnectionError):
            answer = b""
    assert answer == b""  # TLS 1.3 lets a client believe that all is well until it reads


async def test_a_server_under_another_name_is_not_believed(certificates: Certificates) -> None:
    tls = certificates.tls()
    async with served(tls) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="not valid for 'elsewhere'"):
            await ask(port, tls.client, "elsewhere")


async def test_old_versions_of_tls_are_not_spoken(certificates: Certificates) -> None:
    old = stranger(certificates)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    async with served(certificates.tls()) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await ask(port, old)


async def test_a_renewed_certificate_is_shown_without_a_restart(certificates: Certificates) -> None:
    tls = certificates.tls()
    async with served(tls) as port:
        before = (await ask(port, tls.client))[1]
        certificates.renew()
        refresh_all()
        after = (await ask(port, tls.client))[1]
    assert after not in {before, b""}


async def test_a_spoilt_certificate_leaves_the_old_one_in_use_and_is_told(
    certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    tls = certificates.tls()
    async with served(tls) as port:
        before = (await ask(port, tls.client))[1]
        certificates.cert.write_text("spoilt", encoding="ascii")
        with caplog.at_level(logging.ERROR):
            refresh_all()
        assert (await ask(port, tls.client))[1] == before
    assert "the old certificate stays in use: STREAM_APP_WEB_TLS_CERT_FILE" in caplog.text


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (ServerFiles(PREFIX, Path("a"), None), "CERT_FILE and .*KEY_FILE: give both"),
        (ServerFiles(PREFIX, None, None, client_ca=Path("ca")), "CERT_FILE: give the worker's own certificate"),
        (ServerFiles(PREFIX, Path("missing.pem"), Path("missing.pem")), r"CERT_FILE: missing\.pem cannot be read"),
    ],
)
def test_what_is_set_by_halves_is_refused(files: ServerFiles, message: str) -> None:
    with pytest.raises(SettingsError, match=PREFIX + message):
        server_tls(files)


def test_a_key_with_a_password_is_refused_instead_of_asking_on_the_terminal(certificates: Certificates) -> None:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    text = certificates.cert.read_bytes()
    key = serialization.load_pem_private_key(text, password=None)
    hidden = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    certificates.cert.write_bytes(hidden + text[text.index(b"-----BEGIN CERTIFICATE") :])
    with pytest.raises(SettingsError, match="without a password"):
        certificates.tls()


def test_no_files_mean_no_tls() -> None:
    assert server_tls(ServerFiles(PREFIX, None, None)) is None


def test_our_loop_does_not_wait_for_the_farewell_of_the_other_end(certificates: Certificates) -> None:
    """A Kafka broker that holds a fetch says none; uvloop by itself would wait 30 s for it."""
    tls = certificates.tls()

    async def part_from_a_silent_server() -> bool:
        entered, stays = asyncio.Event(), asyncio.Event()

        async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            entered.set()
            await stays.wait()
            writer.transport.abort()

        server = await asyncio.start_server(say_nothing, "127.0.0.1", 0, ssl=tls.server)
        async with server:
            port = server.sockets[0].getsockname()[1]
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls.client, server_hostname=HOST)
            await entered.wait()
            writer.close()
            try:
                async with asyncio.timeout(100 * FAREWELL_SECONDS):
                    await writer.wait_closed()
            except TimeoutError as error:
                return "shutdown" in str(error)  # the loop's own bound, not ours
            finally:
                stays.set()
        return True

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(part_from_a_silent_server())
