"""What the bench has to know of a contender to start it, watch it and check its answers."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.bench.kafka import Record
from tests.bench.reference import Final

ROOT = Path(__file__).resolve().parents[3]


class Site(NamedTuple):
    """Where one run takes place; everything in it is of this run alone, but for the source."""

    bootstrap: str
    app_id: str
    source: str
    folder: Path
    events: int
    extra: str = ""  # what the command line gives to the contender

    @property
    def output(self) -> str:
        """Name the topic of changes."""
        return f"{self.app_id}-changes"


Finals = Iterator[tuple[str, Final]]


@dataclass(frozen=True)
class Contender:
    """One way to do the job."""

    key: str
    title: str
    guarantee: str
    commit: str  # how often it commits, in words
    command: Callable[[Site, int], Sequence[str]]  # the number of the worker -> its command line
    changelog: Callable[[Site], str] | None  # the topic of final states; None: it keeps none
    finals: Callable[[Record], Finals] = lambda _: iter(())  # what a changelog record says
    environment: Mapping[str, str] = field(default_factory=dict)
    makes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # topics by suffix, made beforehand
    share: float = 1.0  # of the events: slow ones get fewer
    changes: bool = True  # whether it publishes changes
    passes: int = 1  # how often it does the job in one process; the last pass counts
    missing: Callable[[], str] = lambda: ""  # what it needs and does not find here, in words


def module(name: str, *arguments: object) -> list[str]:
    """Give the command line of a contender's module."""
    return [sys.executable, "-m", f"tests.bench.contenders.{name}", *map(str, arguments)]
