"""A demo as a person starts it, found by what it prints: its pages, logins and Kafka."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

LONGEST_SECONDS = 240.0
READY = "the history is worked"
DESK = re.compile(r"desk +(?P<url>http://\S+) +password of everybody: (?P<password>\S+)")
LOGIN = re.compile(r"login (?P<login>\S+) +(?P<branch>\S.*)")
KAFKA = re.compile(r"^Kafka +(?P<bootstrap>\S+)", re.MULTILINE)


class Running(NamedTuple):
    """A demo that runs, its history worked."""

    url: str
    password: str
    branch_of: dict[str, str]  # by login
    bootstrap: str


@asynccontextmanager
async def demo(*options: str) -> AsyncIterator[Running]:
    """Run `stream-app demo`; leaving ends it as Ctrl-C does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stream_app", "demo", *options, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT,
        env={**os.environ, "COLUMNS": "200"}, start_new_session=True,
    )  # fmt: skip
    said: list[str] = []
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await _until(process, READY, said)
        reading = asyncio.create_task(_until(process, None, said))  # else the pipe fills
        yield _found("\n".join(said))
        reading.cancel()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()
        print("", "the demo said at last:", *said[-25:], sep="\n")


async def _until(process: Process, words: str | None, said: list[str]) -> None:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        said.append(line.decode().rstrip())
        if words is not None and words in said[-1]:
            return
    if words is not None:
        raise AssertionError("\n".join(["the demo ended:", *said[-30:]]))


def _found(said: str) -> Running:
    desk, kafka = DESK.search(said), KAFKA.search(said)
    assert desk is not None, said
    assert kafka is not None, said
    branches = {found["login"]: found["branch"].strip() for found in LOGIN.finditer(said)}
    return Running(desk["url"], desk["password"], branches, kafka["bootstrap"])
