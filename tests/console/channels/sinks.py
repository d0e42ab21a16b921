"""Receivers for tests: a web server and a mail server on real sockets, which remember what they were sent."""

import asyncio
import json
import ssl
import subprocess
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Received(NamedTuple):
    """A request as it came in."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Reply(NamedTuple):
    """What the sink answers next; `holds_on`: it waits until it is let go."""

    status: int = 200
    body: str = '{"errcode": 0, "errmsg": "ok"}'
    headers: Mapping[str, str] = MappingProxyType({})
    holds_on: bool = False


class Sink:
    """A web server that answers as it is told, and OK when nothing is left to be told."""

    def __init__(self) -> None:
        self.received = list[Received]()
        self.replies = deque[Reply]()
        self.let_go = asyncio.Event()
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.received.append(Received(request.path, dict(request.query), dict(request.headers), body))
        reply = self.replies.popleft() if self.replies else Reply()
        if reply.holds_on:
            await self.let_go.wait()
        return web.Response(status=reply.status, text=reply.body, headers=reply.headers)


@asynccontextmanager
async def running_sink() -> AsyncIterator[Sink]:
    """Run a sink on a port of its own."""
    sink = Sink()
    application = web.Application()
    application.router.add_post("/{path:.*}", sink.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    sink.url = f"http://{host}:{port}"
    yield sink
    sink.let_go.set()
    await runner.cleanup()


class Letters:
    """Takes mail, or refuses it with the replies given."""

    def __init__(self) -> None:
        self.received = list[EmailMessage]()
        self.were_encrypted = list[bool]()
        self.logins = list[tuple[str, str, bool]]()
        self.replies = deque[str]()

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self.replies:
            return self.replies.popleft()
        content = envelope.content
        assert isinstance(content, bytes)
        letter = message_from_bytes(content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.received.append(letter)
        self.were_encrypted.append(session.ssl is not None)
        return "250 OK"

    def authenticate(self, _server: SMTP, session: Session, _envelope: Envelope, _kind: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login.decode(), given.password.decode(), session.ssl is not None))
        return AuthResult(success=given.password == b"right")


@asynccontextmanager
async def running_mail(
    letters: Letters, certificate: Path | None = None, *, asks_login: bool = False
) -> AsyncIterator[int]:
    """Run a mail server; with a certificate it offers STARTTLS. Gives its port."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()

    def serve() -> SMTP:
        authenticator = letters.authenticate if asks_login else None
        return SMTP(
            letters, hostname="mx.example", tls_context=context, auth_required=asks_login, authenticator=authenticator,
            loop=loop,
        )  # fmt: skip

    server = await loop.create_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def make_certificate(folder: Path) -> Path:
    """Make a key and a certificate of our own for 127.0.0.1, in one file."""
    made = folder / "server.pem"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-keyout", "key.pem"]
    command = ["openssl", "req", "-x509", "-days", "2", *key, *names, "-out", "cert.pem"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    made.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return made
