"""The program at the end of the desk's webhook: what people were told, by the id of the message."""

import threading
from base64 import b64encode
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_bytes
from typing import Any, Self

import orjson

CHANNELS = """\
channels:
  - name: crm
    kind: webhook
    url_env: WALK_WEBHOOK_URL
    secret_env: WALK_WEBHOOK_SECRET
    roles: [manager, supervisor]
    rate_per_minute: 6000
    keeps_quiet: false
"""


class Ears:
    """Listens on this machine; `heard` counts messages by id, `cases` by case and reader."""

    def __init__(self) -> None:
        self.heard: Counter[str] = Counter()
        self.told: Counter[tuple[str, str, str]] = Counter()  # by kind, customer and reader
        ears = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                ears._take(self.headers["webhook-id"], self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def environment(self) -> dict[str, str]:
        """Give what the channel reads."""
        return {
            "WALK_WEBHOOK_URL": f"http://127.0.0.1:{self._server.server_port}/",
            "WALK_WEBHOOK_SECRET": f"whsec_{b64encode(token_bytes(32)).decode()}",
        }

    def twice(self) -> list[str]:
        """Name the messages that came more than once."""
        return [name for name, times in self.heard.items() if times > 1]

    def _take(self, name: str, body: bytes) -> None:
        said = orjson.loads(body)
        self.heard[name] += 1
        self.told[said["type"], str(said.get("subject", "")), str(said["data"]["user_id"])] += 1
