"""The fuzzer's jobs, each a process, and the watch over them: a hang is ended from outside, memory may not grow."""

import argparse
import contextlib
import faulthandler
import multiprocessing
import os
import signal
import time
from collections import Counter
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from tests.fuzz.run import Finding, Run, Told, save

HANG_SECONDS = 300  # without a word of a job: the machine may be busy, a course takes less than one
TELL_SECONDS = 10
MOST_FINDINGS = 20
SETTLED_RECORDS = 100_000  # by then a job has grown to its size
MOST_GROWTH_BYTES = 100 << 20


def job(line: Connection, seed: int, records: int, first: int, stride: int) -> None:
    """Run a share of the courses and tell of each over the line."""
    faulthandler.enable()  # a hang is aborted from outside, and shows where it stood
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):  # nobody listens any more
        for told in Run(seed, first, stride).courses(records):
            line.send((told, resident_bytes()))


def resident_bytes() -> int:
    """Give this process's memory; 0 where /proc is not there."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


class Job:
    """A job as seen from outside."""

    def __init__(self, options: argparse.Namespace, number: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.line, theirs = spawn.Pipe(duplex=False)
        given = (theirs, options.seed, options.records // options.jobs, number, options.jobs)
        self.child: SpawnProcess = spawn.Process(target=job, args=given)
        self.child.start()
        theirs.close()
        self.heard_at = time.monotonic()
        self.records = self.settled_bytes = self.resident_bytes = 0
        self.last_course = number - options.jobs

    def hear(self, told: Told, resident: int) -> None:
        """Take what the job told."""
        self.heard_at, self.last_course = time.monotonic(), told.course
        self.records += told.records
        self.resident_bytes = resident
        if self.records <= SETTLED_RECORDS:
            self.settled_bytes = max(resident, self.settled_bytes)

    def has_grown(self) -> bool:
        """Tell whether its memory went on growing."""
        return self.records > SETTLED_RECORDS and self.resident_bytes > self.settled_bytes + MOST_GROWTH_BYTES


class Watch:
    """Starts the jobs, adds up what they tell, ends those that hang."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._began_at = self._told_at = time.monotonic()
        self._outcomes: Counter[str] = Counter()
        self._slowest = Told(-1)
        self._faults: list[str] = []
        self._seen: set[str] = set()
        self._jobs = [Job(options, number) for number in range(options.jobs)]
        self._live = list(self._jobs)

    def run(self) -> int:
        """Watch until all jobs are done."""
        try:
            while self._live and len(self._faults) < MOST_FINDINGS:
                for line in wait([job.line for job in self._live], timeout=TELL_SECONDS):
                    self._listen(next(job for job in self._live if job.line is line))
                self._end_hanging()
                self._tell()
        except KeyboardInterrupt:
            print("ended before the end", flush=True)
        finally:
            for job in self._jobs:
                job.child.kill()
                job.child.join()
        return self._summary()

    def _listen(self, job: Job) -> None:
        try:
            told, resident = job.line.recv()
        except EOFError:
            self._live.remove(job)
            job.child.join()
            if job.child.exitcode:
                self._faults.append(f"job ended with {job.child.exitcode} in the course after {job.last_course}")
            return
        job.hear(told, resident)
        self._outcomes += told.outcomes
        self._slowest = max(self._slowest, told, key=lambda each: each.slowest_seconds)
        if told.finding:
            self._found(told.finding)
        if job.has_grown():
            self._faults.append(f"memory grew from {_mib(job.settled_bytes)} to {_mib(job.resident_bytes)}")
            job.settled_bytes = job.resident_bytes

    def _found(self, finding: Finding) -> None:
        if finding.where() in self._seen:
            return
        self._seen.add(finding.where())
        path = save(finding, self._options.seed, self._options.jobs, self._options.findings)
        self._faults.append(f"course {finding.course}, record {finding.place}: {path}")
        print(f"FOUND: {self._faults[-1]}\n{finding.words}", flush=True)

    def _end_hanging(self) -> None:
        for job in list(self._live):
            if time.monotonic() - job.heard_at > HANG_SECONDS:
                os.kill(job.child.pid or 0, signal.SIGABRT)
                self._faults.append(f"nothing heard for {HANG_SECONDS} s in the course after {job.last_course}: a hang")
                self._live.remove(job)

    def _tell(self) -> None:
        if time.monotonic() - self._told_at < TELL_SECONDS and self._live:
            return
        self._told_at = time.monotonic()
        records = sum(job.records for job in self._jobs)
        print(
            f"{records:,} records, {records / (self._told_at - self._began_at):,.0f}/s; "
            f"{self._outcomes['accepted']:,} accepted, {self._facts():,} facts, {len(self._faults)} faults; "
            f"memory {' '.join(_mib(job.resident_bytes) for job in self._jobs)}; "
            f"slowest record {self._slowest.slowest_seconds * 1000:.0f} ms of CPU",
            flush=True,
        )

    def _facts(self) -> int:
        return sum(count for name, count in self._outcomes.items() if name.startswith("fact "))

    def _summary(self) -> int:
        print("\noutcomes:")
        for name, count in self._outcomes.most_common():
            print(f"  {name:<24} {count:>12,}")
        slowest = self._slowest.slowest
        if slowest is not None:
            print(f"slowest record: {self._slowest.slowest_seconds:.3f} s of CPU in course {self._slowest.course}")
            print(f"  {slowest.topic} {(slowest.value or b'')[:200]!r}")
        print(f"seed {self._options.seed}: {len(self._faults)} faults")
        for fault in self._faults:
            print(f"  {fault}")
        return 1 if self._faults else 0


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.0f} MiB"
