"""The demo's desk: a database, people and scripts of its own, and the process that shows its pages.

Rule: everything is made anew for each demo and gone with it, the password too.
"""

import asyncio
import os
import secrets
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, Self

import yaml

from stream_app.console.access.users import OF_THE_BROWSER, NewUser, add_user
from stream_app.console.desk import Desk
from stream_app.console.identity.sample import write_sample
from stream_app.console.store.database import open_engine, upsert, writing
from stream_app.console.store.migrate import migrate
from stream_app.console.store.work_tables import Script
from stream_app.core.policy import PolicySet
from stream_app.demo.receiver import CHANNELS
from stream_app.sim import Population

STOP_SECONDS: Final = 10.0
MADE_UP: Final = Path(__file__).with_name("desk.yaml")


class Login(NamedTuple):
    """Somebody who can log in to the demo, and what they see."""

    user_id: str
    login: str
    role: str
    branch_id: str | None


class DemoDesk:
    """Makes the desk of a demo, and keeps its process."""

    def __init__(self, folder: Path, port: int, population: Population, policies: PolicySet) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.password = secrets.token_urlsafe(9)
        self.database_url = f"sqlite:///{folder / 'desk.db'}"
        self._folder, self._port, self._population, self._policies = folder, port, population, policies
        self._process: asyncio.subprocess.Process | None = None
        self.logins: list[Login] = []

    def prepare(self, now: Callable[[], datetime]) -> Desk:
        """Make the database with everybody in it, the identities and the scripts."""
        desk = Desk(open_engine(self.database_url), self._policies, now)
        migrate(desk.engine)
        made_up = yaml.safe_load(MADE_UP.read_text(encoding="utf-8"))
        people = list(self._population.people())
        (self._folder / "channels.yaml").write_text(CHANNELS, encoding="utf-8")
        write_sample(self._folder / "identities.csv", (person.subscriber_id for person in people))
        heads = Counter(person.branch_id for person in people)
        wanted: list[tuple[str, str, str | None]] = [
            (f"manager{number}", "manager", branch) for number, (branch, _) in enumerate(heads.most_common(), 1)
        ]
        wanted += [(role, role, None) for role in ("supervisor", "management", "operations")]
        names = made_up["names"]
        for number, (login, role, branch) in enumerate(wanted):
            new = NewUser(login, names[number % len(names)], role, branch, language=OF_THE_BROWSER)
            self.logins.append(Login(add_user(desk, new, self.password), login, role, branch))
        with writing(desk.engine) as connection:
            upsert(connection, Script, [_script(number, said, now()) for number, said in enumerate(made_up["scripts"])])
        return desk

    @property
    def managers(self) -> Sequence[Login]:
        """Give the phone managers, that of the largest branch first."""
        return [each for each in self.logins if each.role == "manager"]

    async def start(self, environment: Mapping[str, str]) -> Self:
        """Start the process; `environment` says where Kafka and the policies are."""
        own = {
            "STREAM_APP_DESK_DATABASE_URL": self.database_url,
            "STREAM_APP_DESK_WEB_PORT": str(self._port),
            "STREAM_APP_DESK_COOKIES_SECURE": "false",  # the pages are shown on this machine alone
            "STREAM_APP_DESK_CLOCK": "stream",
            "STREAM_APP_DESK_ACT_FROM": "earliest",
            "STREAM_APP_DESK_IDENTITY_CSV": str(self._folder / "identities.csv"),
            "STREAM_APP_DESK_CHANNELS": str(self._folder / "channels.yaml"),
        }
        with (self._folder / "desk.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "stream_app", "desk", "serve", env={**os.environ, **environment, **own},
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        return self

    def check(self) -> None:
        """Raise DeskFailed, with its last words, if the process has ended."""
        if self._process is not None and self._process.returncode is not None:
            words = (self._folder / "desk.log").read_text(errors="replace").splitlines()[-12:]
            message = "\n".join([f"the desk ended with exit code {self._process.returncode}:", *words])
            raise DeskFailed(message)

    async def stop(self) -> None:
        """End the process, kindly first."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class DeskFailed(Exception):
    """The desk's process ended by itself; the message holds its last words."""


def _script(number: int, said: Mapping[str, str], now_at: datetime) -> dict[str, object]:
    return {"script_id": f"demo-{number}", **said, "user_id": None, "made_at": now_at, "is_shared": True}
