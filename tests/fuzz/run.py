"""The fuzzer's run: one short course after the other, some of them longer than any, some through a worker's partition.

Rule: course number `n` of a seed is always the same, so that a finding can be had again by its number.
"""

import base64
import json
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from stream_app.core.policy import PolicySet
from tests.fuzz import through_worker
from tests.fuzz.corpus import corpus
from tests.fuzz.course import Course, Sent
from tests.fuzz.judge import Judge
from tests.fuzz.settings import LONG_LIVED_PACE, any_pace, any_policies
from tests.fuzz.shelves import LiveShelf, RowShelf
from tests.fuzz.through_worker import Placed

RECORDS_A_COURSE = 4000
LONG_LIVED, WORKER = 0.1, 0.16  # of all courses: the long-lived one goes on, or (up to here) a partition works one


class Finding(NamedTuple):
    """What went wrong, with where to have it again."""

    course: int
    place: int
    words: str
    sent: Sent | None

    def where(self) -> str:
        """Name the line of code it came from, so that each finding is told once."""
        return self.words.rstrip().rsplit("\n", 2)[0][-200:]


@dataclass
class Told:
    """What a course came to."""

    course: int
    records: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    slowest: Sent | None = None
    finding: Finding | None = None


class Run:
    """A job: the courses from a number on, every `stride`-th."""

    def __init__(self, seed: int, first: int = 0, stride: int = 1) -> None:
        self._seed, self._next, self._stride = seed, first, stride
        self._long = self._long_lived(Random(f"{seed}/long-lived/{first}"))

    @staticmethod
    def _long_lived(chance: Random) -> tuple[Course, Judge]:
        policies = any_policies(chance, LONG_LIVED_PACE.start_at)
        return Course(chance, corpus(), LONG_LIVED_PACE), Judge(policies, LiveShelf(), chance)

    def courses(self, records: int) -> Iterator[Told]:
        """Run courses until so many records are worked."""
        worked = 0
        while worked < records:
            told = self.course(self._next, min(RECORDS_A_COURSE, records - worked))
            self._next += self._stride
            worked += told.records
            yield told

    def again(self, number: int) -> Told:
        """Run one course as it was; where it is a part of the long-lived one, after what came before it."""
        if self._kind(number) < LONG_LIVED:
            before = [other for other in range(self._next, number, self._stride) if self._kind(other) < LONG_LIVED]
            for other in before:
                self.course(other)
        return self.course(number)

    def _kind(self, number: int) -> float:
        return Random(f"{self._seed}/kind/{number}").random()

    def course(self, number: int, records: int = RECORDS_A_COURSE) -> Told:
        """Run one course."""
        kind = self._kind(number)
        if kind < LONG_LIVED:
            return self._follow(number, *self._long, records)
        chance = Random(f"{self._seed}/{number}")
        pace = any_pace(chance)
        policies = any_policies(chance, pace.start_at)
        course = Course(chance, corpus(), pace)
        if kind < WORKER:
            return self._through_worker(number, course, policies, records)
        shelf = RowShelf() if chance.random() < 0.1 else LiveShelf()
        return self._follow(number, course, Judge(policies, shelf, chance), records)

    def _follow(self, number: int, course: Course, judge: Judge, records: int) -> Told:
        told = Told(number)
        sent: Sent | None = None
        before = Counter(judge.outcomes)
        try:
            for _ in range(records):
                sent = course.record()
                told.records += 1
                judge.work(sent, course.ends[sent.topic] - 1)
            sent = None
            judge.finish()
        except Exception:  # noqa: BLE001 - whatever comes out is what we look for
            told.finding = Finding(number, told.records, traceback.format_exc(limit=-6), sent)
            self._restart(judge)
        told.outcomes = judge.outcomes - before
        told.slowest_seconds, told.slowest = judge.slowest_seconds, judge.slowest
        return told

    def _restart(self, judge: Judge) -> None:
        """Begin the long-lived course anew where it was that one which broke."""
        if judge is self._long[1]:
            self._long = self._long_lived(Random(f"{self._seed}/long-lived/again"))

    def _through_worker(self, number: int, course: Course, policies: PolicySet, records: int) -> Told:
        shelf, told = LiveShelf(), Told(number)
        judge = Judge(policies, shelf, Random(number))
        placed: list[Placed] = []
        sent: Sent | None = None
        try:
            while len(placed) < records:
                sent = course.record()
                if not through_worker.in_step(sent, course.ends):
                    course.ends[sent.topic] -= 1
                    continue
                placed.append((sent, course.ends[sent.topic] - 1))
                judge.work(*placed[-1])
            sent = None
            judge.finish()
            harness = through_worker.work(placed, policies, Random(number))
            through_worker.check(harness, placed, judge.outcomes, shelf)
        except Exception:  # noqa: BLE001 - as above
            told.finding = Finding(number, len(placed), traceback.format_exc(limit=-6), sent)
        told.records, told.outcomes = len(placed), judge.outcomes
        told.slowest_seconds, told.slowest = judge.slowest_seconds, judge.slowest
        return told


def save(finding: Finding, seed: int, jobs: int, folder: Path) -> Path:
    """Write a finding as a file that says how to have it again."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"finding-{seed}-{finding.course}-{finding.place}.json"
    content = {
        "again": f"python -m tests.fuzz --seed {seed} --jobs {jobs} --course {finding.course}",
        "record": finding.place,
        "words": finding.words.splitlines(),
        "sent": None if finding.sent is None else _as_json(finding.sent),
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path


def _as_json(sent: Sent) -> dict[str, Any]:
    def text(value: bytes | None) -> str | None:
        return None if value is None else base64.b64encode(value).decode()

    return {
        **sent._asdict(),
        "key": text(sent.key),
        "value": text(sent.value),
        "headers": [(name, text(value)) for name, value in sent.headers],
    }
