"""The real records that mutations start from: the examples of schemas/, the least of each type, simulated people."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from stream_app.core.events import TOPIC_OF_TYPE
from stream_app.sim import SOME_FAULTS, Population, history
from stream_app.wire.decode import EVENT_MODELS
from tests.wire.records import record

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
MOST_OF_A_TYPE = 150
SIMULATED_FROM_AT = datetime(2025, 1, 20, tzinfo=UTC)


class Corpus(NamedTuple):
    """Valid records by type, and bytes of all kinds for splices."""

    by_type: Mapping[str, Sequence[Mapping[str, Any]]]
    texts: Sequence[bytes]


@cache
def corpus() -> Corpus:
    """Collect the records; the same ones in every run."""
    by_type: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for content in (*_examples(), *map(record, EVENT_MODELS), *_simulated()):
        if len(by_type[content["type"]]) < MOST_OF_A_TYPE:
            by_type[content["type"]].append(content)
    del by_type["clock.ticked"]  # made as the clock of a course stands
    texts = [orjson.dumps(content) for found in by_type.values() for content in found[:20]]
    return Corpus(dict(by_type), [*texts, *(path.read_bytes() for path in sorted(EXAMPLES.glob("*/*/*.json")))])


def _examples() -> Iterator[dict[str, Any]]:
    for path in sorted(EXAMPLES.glob("*/valid/*.json")):
        content = orjson.loads(path.read_bytes())
        if content["type"] in TOPIC_OF_TYPE:
            yield content


def _simulated() -> Iterator[Mapping[str, Any]]:
    population = Population(seed=4, subscribers=40)
    found = list(history(population, SIMULATED_FROM_AT, SIMULATED_FROM_AT + timedelta(days=50), SOME_FAULTS))
    random.Random(4).shuffle(found)
    return iter(found)
