"""A desk that does nothing but send, as a process of its own that a test may kill: DATABASE_URL CHANNELS_FILE."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from stream_app.commands.common import load_policies
from stream_app.console.channels.declared import load_channels
from stream_app.console.channels.sending import Sender
from stream_app.console.desk import Desk
from stream_app.console.store.database import open_engine
from stream_app.core.policy import PolicySet


def wall() -> datetime:
    return datetime.now(UTC)


async def run(database_url: str, file: Path) -> None:
    desk = Desk(open_engine(database_url), PolicySet(load_policies([])), wall, load_channels(file))
    async with aiohttp.ClientSession() as http:
        sender = Sender(desk, http, wall, "https://desk.example")
        while True:
            await sender.send_waiting()
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2])))
