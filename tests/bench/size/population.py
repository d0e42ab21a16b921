"""Rows of subscribers after a year of typical use: a simulated population worked through the rules, offline.

Rule: every row is one the rules have made; the benchmark only gives it to more customers, under other ids.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import orjson
from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder

from stream_app.commands.common import load_policies
from stream_app.core.facts import Fact
from stream_app.core.policy import PolicySet
from stream_app.core.state import Clock
from stream_app.replay.entries import Entry, decode_lines
from stream_app.replay.offline import OfflineReplay
from stream_app.sim import CHENGDU, Population, history
from stream_app.wire.decode import Decoder as EventDecoder
from stream_app.wire.stored import dump_subscriber

BEGAN_AT = datetime.fromisoformat("2024-12-01T00:00:00+08:00")
STANDS_AT = datetime.fromisoformat("2026-01-02T12:00:00+08:00")  # thirteen months on, half a day before a close
LIVE_AT = datetime.fromisoformat("2026-01-02T12:30:00+08:00")

CLOSES_AT = datetime.fromisoformat("2026-01-03T00:00:00+08:00")  # the end of December, and 48 hours of grace
NEXT_DAY_AT = datetime.fromisoformat("2026-01-04T00:00:00+08:00")
SIMULATED = 1000
USAGE_PER_DAY = 5.0
SEED = 20


class Standing(Struct, array_like=True):
    """A population as it stands: the clock of its partition, and each subscriber's tier and row."""

    clock: Clock
    rows: list[tuple[str, bytes]]


class Span(NamedTuple):
    """When a population's history begins, and the instant it stands at."""

    began_at: datetime
    stands_at: datetime


THIRTEEN_MONTHS = Span(BEGAN_AT, STANDS_AT)


def policies() -> PolicySet:
    """Give the policy that is shipped."""
    return PolicySet(load_policies([]))


def standing(folder: Path, subscribers: int = SIMULATED, span: Span = THIRTEEN_MONTHS) -> Standing:
    """Give a population as it stands, worked once and then kept in a folder."""
    of_when = "" if span == THIRTEEN_MONTHS else f"-{span.began_at:%Y%m%d}-{span.stands_at:%Y%m%d%H%M}"
    kept = folder / f"population-{subscribers}{of_when}-{_sources()}.msgpack"
    if not kept.exists():
        found = _work(subscribers, span)
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(Encoder().encode(found))
    return Decoder(Standing).decode(kept.read_bytes())


def _work(subscribers: int, span: Span) -> Standing:
    replay = OfflineReplay(policies(), span.stands_at, _forget, _refuse)
    replay.run(_entries(subscribers, span))
    clock = replay.ledger.clock
    return Standing(clock, [(sub.tier or "", dump_subscriber(sub)) for sub in replay.subscribers.values()])


def _entries(subscribers: int, span: Span) -> Iterator[Entry]:
    population = Population(SEED, subscribers, CHENGDU, usage_per_day=USAGE_PER_DAY)
    lines = (orjson.dumps(event) for event in history(population, *span))
    return decode_lines(lines, EventDecoder(policies().calendar), "simulation")


def _forget(_fact: Fact) -> None:
    """Publish nothing."""


def _refuse(_entry: Entry, reason: str, message: str) -> None:
    if reason != "month_not_correctable":  # a late one of the very first days
        message = f"the simulation made a record that is refused: {reason}, {message}"
        raise AssertionError(message)


def _sources() -> str:
    """Digest what lays the rows out and who they are of, so that none of another layout is used."""
    package = Path(__file__).parents[3] / "stream_app"
    layout = [package / "core" / "state.py", package / "wire" / "stored.py"]
    files = [*layout, *sorted((package / "sim").glob("*.py")), Path(__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
