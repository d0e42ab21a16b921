"""The event loop of worker and desk: uvloop's, but one that parts from the other end of a TLS connection at once.

Why: a Kafka client is closed while a fetch waits at the broker. uvloop then waits for a farewell (close_notify) that it
does not see, for 30 s each time (measured with 0.23: a worker's start took so long, and a look at the policies failed).
Whoever closes here has had every answer that counts, so there is nothing to wait for.
"""

from typing import Any

import uvloop

FAREWELL_SECONDS = 0.1


class Loop(uvloop.Loop):
    """A loop whose outgoing TLS connections close in time."""

    async def create_connection(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - uvloop's signature is long
        """Connect as uvloop does."""
        if options.get("ssl") is not None:
            options.setdefault("ssl_shutdown_timeout", FAREWELL_SECONDS)
        return await super().create_connection(*args, **options)


def new_loop() -> Loop:
    """Make a loop."""
    return Loop()


class LoopPolicy(uvloop.EventLoopPolicy):  # type: ignore[misc]  # it stands in a branch of its own for old Pythons
    """Gives such loops to all who ask for one: Faust makes some of its own, in threads."""

    def _loop_factory(self) -> Loop:
        return new_loop()
