"""The demo's other program: it takes what the desk tells through a webhook, as a CRM would, and counts it."""

import secrets
from base64 import b64encode
from collections import Counter
from typing import Final, Self

import orjson
from aiohttp import web

URL_VARIABLE: Final = "DEMO_WEBHOOK_URL"
SECRET_VARIABLE: Final = "DEMO_WEBHOOK_SECRET"  # noqa: S105 - the variable's name
CHANNELS: Final = f"""\
channels:
  - name: crm
    kind: webhook
    url_env: {URL_VARIABLE}
    secret_env: {SECRET_VARIABLE}
    roles: [manager, supervisor]
    rate_per_minute: 600
"""


class Receiver:
    """Listens on this machine while it is open."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()  # by what it was about
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_post("/", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """Give what a desk's channel reads: the address, and a secret made up for this demo."""
        secret = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
        return {URL_VARIABLE: f"http://127.0.0.1:{self._port}/", SECRET_VARIABLE: secret}

    async def _take(self, request: web.Request) -> web.Response:
        self.taken[orjson.loads(await request.read())["type"]] += 1
        return web.Response(status=204)
