"""What every answer carries for the browser's sake, and how much a request may bring."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY_BYTES = 1_000_000
API = "/api/"  # its fields refuse such characters themselves, as a problem
STREAM = "/live"  # it never ends, and has no head to be asked for alone
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


class Guarded:
    """Puts the headers on every answer and bounds every request; what says nothing of caches is not stored."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self.headers = ALWAYS | ({"strict-transport-security": "max-age=31536000"} if is_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with the headers on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _announced_bytes(scope) > LARGEST_BODY_BYTES:
            await PlainTextResponse("too much at once", status_code=413)(scope, receive, send)
            return
        if not scope["path"].startswith(API):
            receive, is_plain = await _looked_through(scope, receive)
            if not is_plain:
                await PlainTextResponse("U+0000 is no text", status_code=400)(scope, receive, self._dressed(send))
                return
            scope = _as_get(scope)
        await self.app(scope, _bounded(receive), self._dressed(send))

    def _dressed(self, send: Send) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self.headers)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        return dressed


def _announced_bytes(scope: Scope) -> int:
    announced = Headers(scope=scope).get("content-length", "0")
    return int(announced) if announced.isdecimal() else 0


def _as_get(scope: Scope) -> Scope:
    """Have HEAD answered as GET is: the server sends no body to who asked for none."""
    is_head = scope["method"] == "HEAD" and scope["path"] != STREAM
    return {**scope, "method": "GET"} if is_head else scope


async def _looked_through(scope: Scope, receive: Receive) -> tuple[Receive, bool]:
    """Say whether address and form are free of U+0000, which PostgreSQL keeps in no text; give the form once more."""
    if _has_null(scope["query_string"]):
        return receive, False
    if scope["method"] in {"GET", "HEAD"}:
        return receive, True
    got = [await receive()]
    while got[-1].get("more_body", False) and sum(len(each.get("body", b"")) for each in got) <= LARGEST_BODY_BYTES:
        got.append(await receive())
    waiting = iter(got)

    async def again() -> Message:
        return next(waiting, None) or await receive()

    return again, not _has_null(b"".join(each.get("body", b"") for each in got))


def _has_null(text: bytes) -> bool:
    return b"%00" in text or b"\0" in text


def _bounded(receive: Receive) -> Receive:
    """End a request that brings more than it announced, as one whose sender went away."""
    got_bytes = 0

    async def bounded() -> Message:
        nonlocal got_bytes
        message = await receive()
        got_bytes += len(message.get("body", b""))
        return {"type": "http.disconnect"} if got_bytes > LARGEST_BODY_BYTES else message

    return bounded
