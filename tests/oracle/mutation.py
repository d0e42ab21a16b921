"""Run a mutant: copy a package, change one snippet of it, and let the judge work the fixed streams with the copy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.oracle.judge import Verdict

ROOT = Path(__file__).resolve().parents[2]


class Target(NamedTuple):
    """What is copied, a module that shows whether the copy is what runs, and the function that is judged."""

    folder: str
    probe: str
    engine: str


ENGINE = Target("stream_app", "stream_app", "tests.oracle.adapter:engine_answer")
ORACLE = Target("tests/oracle", "tests.oracle.rules", "tests.oracle.oracle:answer")


class Mutant(NamedTuple):
    """One rule gone wrong: `old` stands exactly once in `path` (from the repository's root) and becomes `new`."""

    name: str
    path: str
    old: str
    new: str


def in_file(path: str, *rules: tuple[str, str, str]) -> tuple[Mutant, ...]:
    """Give the mutants of one file, each told as (name, old, new)."""
    return tuple(Mutant(name, path, old, new) for name, old, new in rules)


class Judged(NamedTuple):
    """The verdict, and what was printed with it."""

    verdict: Verdict
    said: str


def judged(mutant: Mutant, target: Target, cases: Path, workdir: Path) -> Judged:
    """Run one mutant in a process of its own."""
    copied(target, workdir)
    patch(mutant, workdir)
    return run(target, cases, workdir)


def copied(target: Target, workdir: Path) -> None:
    """Copy the target's package, without what is compiled."""
    shutil.copytree(ROOT / target.folder, workdir / target.folder, ignore=shutil.ignore_patterns("__pycache__"))


def patch(mutant: Mutant, workdir: Path) -> None:
    """Change the one snippet; raise ValueError where the source has moved on and the mutant must be written anew."""
    path = workdir / mutant.path
    source = path.read_text(encoding="utf-8")
    if source.count(mutant.old) != 1:
        message = f"{mutant.name}: {mutant.path} has {source.count(mutant.old)} times {mutant.old!r}"
        raise ValueError(message)
    path.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")


def run(target: Target, cases: Path, workdir: Path) -> Judged:
    """Let the judge work the cases with what lies in the folder."""
    # -P: the current folder must not come before the copy.
    command = [sys.executable, "-P", "-m", "tests.oracle.judge", str(cases), target.engine, target.probe, str(workdir)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(workdir), str(ROOT))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=250)
    codes = {int(verdict) for verdict in Verdict}
    verdict = Verdict(done.returncode) if done.returncode in codes else Verdict.IS_BROKEN
    return Judged(verdict, done.stdout + done.stderr[-2000:])
