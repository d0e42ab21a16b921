"""Workers as processes of their own under a supervisor, as an operator runs them; and every way to hurt one."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from stream_app.local.ports import free_port

PAUSE_SECONDS = 0.3  # a supervisor's, before it starts a worker again
STOP_SECONDS = 60.0


class Ending(NamedTuple):
    """How a worker's run ended."""

    code: int
    words: str  # what it logged in that run


class Member:
    """One worker: it is started again whenever it ends, until it is let go."""

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.name, self.port = name, free_port()
        self.data = folder / name
        self.log = folder / f"{name}.log"
        self.endings: list[Ending] = []
        self._environment = {
            **environment,
            "STREAM_APP_INSTANCE_ID": name,
            "STREAM_APP_WEB_PORT": str(self.port),
            "STREAM_APP_PARENT_PID": str(os.getpid()),
        }
        self._once: dict[str, str] = {}
        self._lasting: dict[str, str] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stays_away = False
        self._changed = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Name the process; None while there is none."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    @property
    def is_kept(self) -> bool:
        """Tell whether its supervisor is at work."""
        return self._keeper is not None

    def start(self, once: Mapping[str, str] | None = None, lasting: Mapping[str, str] | None = None) -> None:
        """Start it; `once` is set for the first run only, `lasting` until it is let go."""
        assert self._keeper is None, f"{self.name} is kept already"
        self._once, self._lasting, self._stays_away = dict(once or {}), dict(lasting or {}), False
        self._keeper = asyncio.create_task(self._keep())

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if there is anybody."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def kill(self) -> None:
        """End it with SIGKILL; the supervisor starts it again."""
        self.send(signal.SIGKILL)

    async def let_go(self, number: signal.Signals = signal.SIGTERM) -> int | None:
        """End it for good; gives its exit code, None when it had ended by itself."""
        self._stays_away = True
        self.send(signal.SIGCONT)
        before = len(self.endings)
        ran = self.pid is not None
        self.send(number)
        if self._keeper is not None:
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await asyncio.shield(self._keeper)
            except TimeoutError:
                self.kill()
                await self._keeper
            self._keeper = None
        return self.endings[before].code if ran and len(self.endings) > before else None

    async def ended(self, times: int) -> Ending:
        """Wait until its runs have ended so many times in all."""
        while len(self.endings) < times:
            await self._changed.wait()
            self._changed.clear()
        return self.endings[times - 1]

    def lose_disk(self) -> None:
        """Remove its data folder."""
        shutil.rmtree(self.data, ignore_errors=True)

    def words(self) -> str:
        """Read its log, of all its runs."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    async def _keep(self) -> None:
        while not self._stays_away:
            once, self._once = self._once, {}
            await self._run({**os.environ, **self._environment, **self._lasting, **once})
            if not self._stays_away:
                await asyncio.sleep(PAUSE_SECONDS)

    async def _run(self, environment: dict[str, str]) -> None:
        environment = {"STREAM_APP_DATA_DIR": str(self.data), **environment}
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "stream_app", "worker", env=environment,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            start_new_session=True, limit=1 << 20,
        )  # fmt: skip
        assert process.stdout is not None
        words = []
        with self.log.open("ab") as log:  # we write it: the worker's own limits and disks do not reach it
            while line := await process.stdout.readline():
                words.append(line)
                log.write(line)
                log.flush()
        code = await process.wait()
        self.endings.append(Ending(code, b"".join(words).decode(errors="replace")))
        self._changed.set()


class Crew:
    """The workers of a scene."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder, self._environment = folder, environment
        self.members: dict[str, Member] = {}

    def add(self, name: str, **environment: str) -> Member:
        """Take a worker on; it is not started."""
        member = self.members[name] = Member(name, self._folder, {**self._environment, **environment})
        return member

    async def dismiss(self) -> None:
        """End all."""
        await asyncio.gather(*(member.let_go() for member in self.members.values()))
