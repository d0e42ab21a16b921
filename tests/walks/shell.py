"""One bash, as an operator has it open: what one command sets, the next one finds. And the transcript of it."""

import re
import select
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NamedTuple

LONGEST_SECONDS = 400.0
END = "walk-end"
SHOWN_LINES = 24


class Said(NamedTuple):
    """What a command said."""

    code: int
    text: str
    seconds: float


class CommandFailed(AssertionError):
    """A command of the runbook ended with another code than 0."""


class Shell:
    """A running bash in a folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["/bin/bash"], cwd=folder, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def run(self, command: str) -> Said:
        """Run a command to its end; raises TimeoutError."""
        assert self._bash.stdin
        assert self._bash.stdout
        began = time.monotonic()
        self._bash.stdin.write(f"{command}\necho {END} $?\n".encode())
        self._bash.stdin.flush()
        text = self._until_end(self._bash.stdout, began + LONGEST_SECONDS, command)
        said, _, code = text.rpartition(END)
        return Said(int(code), said, time.monotonic() - began)

    def close(self) -> None:
        """End it."""
        assert self._bash.stdin
        self._bash.stdin.close()
        try:
            self._bash.wait(5.0)
        except subprocess.TimeoutExpired:
            self._bash.kill()
            self._bash.wait()
        if self._bash.stdout:
            self._bash.stdout.close()

    def _until_end(self, output: IO[bytes], until: float, command: str) -> str:
        taken = b""
        while not re.search(rb"%s \d+\n\Z" % END.encode(), taken):
            ready, _, _ = select.select([output], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                self._bash.kill()
                message = f"after {LONGEST_SECONDS:.0f} s not at its end: {command}\n{taken.decode(errors='replace')}"
                raise TimeoutError(message)
            piece = output.read1(65536)  # type: ignore[attr-defined]  # it is a BufferedReader
            if not piece:
                message = f"bash ended in: {command}\n{taken.decode(errors='replace')}"
                raise CommandFailed(message)
            taken += piece
        return taken.decode(errors="replace")


class Transcript:
    """What was done and said, with the seconds each took; written as it goes."""

    def __init__(self, hear: IO[str] | None = None) -> None:
        self.lines: list[str] = []
        self._hear = hear

    def note(self, text: str) -> None:
        """Write what the walk itself did or found."""
        self._write(f"# {text}")

    def command(self, command: str, said: Said) -> None:
        """Write a command and what it said, the middle left out where that is long."""
        self._write(f"$ {command}")
        lines = said.text.rstrip("\n").splitlines()
        if len(lines) > SHOWN_LINES:
            half = SHOWN_LINES // 2
            lines = [*lines[:half], f"... ({len(lines) - 2 * half} lines)", *lines[-half:]]
        for line in lines:
            self._write(line.rstrip()[:240])
        self._write(f"# {said.seconds:.1f} s")

    def _write(self, line: str) -> None:
        self.lines.append(line)
        if self._hear:
            print(line, file=self._hear, flush=True)
