"""A real system for a walk: Kafka, topics, two workers and a desk under supervisord, a billing system, ears.

Rule: it is what the runbook says it is, with the very deploy/supervisor/supervisord.conf. Only the ports are others:
what the runbook writes is put in place of them, and back again in the transcript.
"""

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
from pathlib import Path
from typing import Self

from stream_app.core.policy import PolicySet
from stream_app.demo.desk import DemoDesk
from stream_app.local import LocalKafka
from stream_app.local.child import Child
from stream_app.local.ports import free_port
from stream_app.wire.policy_file import load_policy
from tests.walks.blocks import ROOT
from tests.walks.feeding import PEOPLE, Billing
from tests.walks.shell import CommandFailed, Shell, Transcript
from tests.walks.told import CHANNELS, Ears

PORTS = ("9092", "9192", "6066", "6067", "8080")  # as the runbook writes them
PARTITIONS = 4
STOP_SECONDS, LONGEST_SECONDS, LOOK_SECONDS = 45.0, 120.0, 0.1
APP_ID = "stream-app"
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
            "PATH": os.pathsep.join([str(self.folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "COLUMNS": "150",
        }
        self._shell = Shell(self.folder, self.environment)
        self._held.callback(self._shell.close)
        self.quietly("set -a; . ./stream-app.env; set +a")
        self.quietly(f"stream-app topics create --partitions {PARTITIONS} --replication 1")
        self.billing = Billing(self.kafka.bootstrap)
        self.billing.publish_history()

    def _settings(self) -> dict[str, str]:
        return {
            "STREAM_APP_BOOTSTRAP": self.kafka.bootstrap,
            "STREAM_APP_POLICIES": str(self.folder / "policy.yaml"),
            "STREAM_APP_DESK_DATABASE_URL": f"sqlite:///{self.folder / 'desk.db'}",
            "STREAM_APP_DESK_WEB_PORT": self._ports["8080"],
            "STREAM_APP_DESK_COOKIES_SECURE": "false",
            "STREAM_APP_DESK_ACT_FROM": "earliest",
            "STREAM_APP_DESK_CHANNELS": str(self.folder / "channels.yaml"),
            **self.ears.environment(),
        }

    def _make_desk(self) -> None:
        shutil.copy(ROOT / "deploy" / "policies" / "default.yaml", self.folder / "policy.yaml")
        policies = PolicySet([load_policy(self.folder / "policy.yaml")])
        desk = DemoDesk(self.folder, int(self._ports["8080"]), PEOPLE, policies).prepare(lambda: datetime.now(UTC))
        desk.engine.dispose()
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
        if said.code:
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
        """Wait until workers have worked all that is published, and the desk has read it."""
        self.quietly("curl -sf --retry 90 --retry-delay 1 --retry-all-errors 127.0.0.1:6066/readyz >ready.json")
        self.quietly("curl -sf --retry 90 --retry-delay 1 --retry-all-errors 127.0.0.1:6067/readyz >ready.json")
        self.quietly("stream-app offsets wait --seconds 120")

    def desk_is_through(self) -> None:
        """Wait until the desk has read and published everything."""
        self.until(lambda: "to read" not in (said := self.status()) and " 0\n" in said[-12:], "the desk")

    def status(self) -> str:
        """Ask the desk's database how it stands."""
        return self.quietly("stream-app desk status")

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
        said = self._shell.run(self.actual(f"curl -s 127.0.0.1:{port}/metrics")).text
        found = re.findall(r"^([^#\s]\S*(?:\{.*\})?) (\S+)$", said, re.MULTILINE)
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


def run_git(*arguments: str) -> bytes | None:
    """Ask git; None where there is none, or no such thing."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)  # noqa: S607
    return None if done.returncode else done.stdout
