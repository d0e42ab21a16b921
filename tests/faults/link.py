"""A link between a worker and the broker, in our hands: it can stand still, break, or break at one exact request.

Rule: it understands Kafka's frames (length, then the request's kind and number), and never changes a byte.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from stream_app.local.ports import LOOPBACK

# Kafka's numbers of the requests that a transaction is made of, and of those that take partitions over.
REQUESTS = {
    "Produce": 0,
    "OffsetFetch": 9,
    "JoinGroup": 11,
    "SyncGroup": 14,
    "InitProducerId": 22,
    "AddPartitionsToTxn": 24,
    "AddOffsetsToTxn": 25,
    "EndTxn": 26,
    "TxnOffsetCommit": 28,
}
LENGTH_BYTES, KIND_BYTES = 4, 2

Moment = Literal["before", "after"]


class Broken(Exception):
    """A trap has sprung: this connection goes no further."""


@dataclass
class Trap:
    """Springs at the n-th request of a kind: `before` the broker has it, or `after` it has answered, unheard."""

    request: str
    moment: Moment
    count: int
    deed: Callable[[], None] = lambda: None
    sprung: asyncio.Event = field(default_factory=asyncio.Event)

    def meets(self, frame: bytes) -> bool:
        """Count a request; tell whether it is the one."""
        if int.from_bytes(frame[:KIND_BYTES]) != REQUESTS[self.request] or self.sprung.is_set():
            return False
        self.count -= 1
        return self.count == 0

    def spring(self) -> None:
        """Do the deed, and have the connection broken."""
        self.deed()
        self.sprung.set()
        raise Broken


class Link:
    """Listens on a port of its own and passes on what comes."""

    def __init__(self, port: int, target_port: int) -> None:
        self.port, self._target_port = port, target_port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._requests_flow, self._answers_flow = asyncio.Event(), asyncio.Event()
        self._trap: Trap | None = None
        self.resume()

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)

    async def close(self) -> None:
        """Stop listening, and break every connection."""
        if self._server is not None:
            self._server.close()
        await self.cut()

    def stall(self, *, requests: bool = True, answers: bool = True) -> None:
        """Hold bytes back from now on; no connection breaks, and nothing is lost."""
        if requests:
            self._requests_flow.clear()
        if answers:
            self._answers_flow.clear()

    def resume(self) -> None:
        """Pass on what was held back, and all that comes."""
        self._requests_flow.set()
        self._answers_flow.set()

    async def cut(self) -> None:
        """Break every connection; what was under way is lost. New ones are taken."""
        cut = list(self._connections)
        for connection in cut:
            connection.cancel()
        await asyncio.gather(*cut, return_exceptions=True)

    def set_trap(self, trap: Trap) -> Trap:
        """Have one request break its connection."""
        self._trap = trap
        return trap

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.ensure_future(self._connect(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                there = await asyncio.open_connection(LOOPBACK, self._target_port)
                try:
                    await self._pass_on((reader, writer), there)
                finally:
                    there[1].transport.abort()
        finally:
            writer.transport.abort()

    async def _pass_on(self, here: "Ends", there: "Ends") -> None:
        awaited: dict[bytes, Trap] = {}
        ways = {
            asyncio.ensure_future(self._pass_requests(here[0], there[1], awaited)),
            asyncio.ensure_future(self._pass_answers(there[0], here[1], awaited)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, awaited: dict[bytes, Trap]
    ) -> None:
        while True:
            length, frame = await _frame(reader)
            await self._requests_flow.wait()
            trap = self._trap
            if trap is not None and trap.meets(frame):
                if trap.moment == "before":
                    trap.spring()
                awaited[frame[4:8]] = trap
            writer.write(length + frame)
            await writer.drain()

    async def _pass_answers(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, awaited: dict[bytes, Trap]
    ) -> None:
        while True:
            length, frame = await _frame(reader)
            await self._answers_flow.wait()
            if (trap := awaited.pop(frame[:4], None)) is not None:
                trap.spring()
            writer.write(length + frame)
            await writer.drain()


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    length = await reader.readexactly(LENGTH_BYTES)
    return length, await reader.readexactly(int.from_bytes(length))
