"""A Java child that no terminal signal reaches and that does not outlive us.

It gets a session of its own, so Ctrl-C comes to us alone and we stop it. Against our sudden death (kill -9) a shell
waits on a pipe that only we hold: when it closes, the shell ends the child and removes what was temporary. (Linux'
parent-death signal would follow the thread that started the child, not the program.)
"""

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

_WATCH = """\
read -r _
if [ -z "$2" ]; then
  kill -s TERM -- "-$1"
  n=0; while [ $n -lt 100 ] && kill -s 0 -- "-$1"; do sleep 0.1; n=$((n + 1)); done
fi
kill -s KILL -- "-$1"
if [ -n "$2" ]; then rm -rf -- "$2"; fi
"""


class Child:
    """A running child and its watch."""

    def __init__(self, command: Sequence[str], folder: Path, output: Path, temporary: Path | None) -> None:
        """Start the child in the folder, its output appended to a file; `temporary` goes if we die suddenly."""
        with output.open("ab") as file:
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=folder, start_new_session=True
            )
        try:
            self._watch = _watch(self.pid, temporary)
        except BaseException:  # Ctrl-C just now: nobody would stop it
            self._child.kill()
            raise

    @property
    def pid(self) -> int:
        """Name the child."""
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        """Tell how it ended; None while it runs."""
        return self._child.poll()

    def stop(self, patience_seconds: float) -> bool:
        """Ask it to end, insist after the patience, and tell whether it ended when asked."""
        self._child.terminate()
        try:
            self._child.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        self._end_watch()
        return True

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._child.send_signal(signal.SIGKILL)
        self._child.wait()
        self._end_watch()

    def _end_watch(self) -> None:
        self._watch.kill()
        with self._watch:  # closes the pipe and waits
            pass


def _watch(pid: int, temporary: Path | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, "watch", str(pid), str(temporary or "")],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
