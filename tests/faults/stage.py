"""The broker of the fault tests: our own listener beside one for each worker, which is reached by a link alone."""

import asyncio
from types import TracebackType
from typing import Self

from stream_app.local import LocalKafka
from stream_app.local.ports import LOOPBACK, free_port
from tests.faults.link import Link

LINKED = ("one", "two")


class Stage:
    """A private Kafka that can be stopped, killed and started, and the links to it."""

    def __init__(self) -> None:
        self._ports = {name: free_port() for name in LINKED}
        self.links = {name: Link(free_port(), port) for name, port in self._ports.items()}
        port = free_port()
        self.kafka = LocalKafka(port=port, overrides=self._listeners(port, free_port()))

    def _listeners(self, port: int, control: int) -> dict[str, str]:
        known = {name: f"{name.upper()}://{LOOPBACK}" for name in LINKED}
        listening = [f"{known[name]}:{self._ports[name]}" for name in LINKED]
        told = [f"{known[name]}:{self.links[name].port}" for name in LINKED]
        kinds = [f"{name.upper()}:PLAINTEXT" for name in ("controller", "plaintext", *LINKED)]
        return {
            "listeners": ",".join([f"PLAINTEXT://{LOOPBACK}:{port}", f"CONTROLLER://{LOOPBACK}:{control}", *listening]),
            "advertised.listeners": ",".join([f"PLAINTEXT://{LOOPBACK}:{port}", *told]),
            "listener.security.protocol.map": ",".join(kinds),
            "controller.quorum.voters": f"1@{LOOPBACK}:{control}",
        }

    async def __aenter__(self) -> Self:
        """Start the broker and open the links."""
        await asyncio.to_thread(self.kafka.start)
        for link in self.links.values():
            await link.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the links and stop the broker."""
        for link in self.links.values():
            await link.close()
        await asyncio.to_thread(self.kafka.__exit__, None, None, None)

    def address_for(self, worker: str) -> str:
        """Give the bootstrap address of a worker: its link's, or our own."""
        link = self.links.get(worker)
        return self.kafka.bootstrap if link is None else f"{LOOPBACK}:{link.port}"
