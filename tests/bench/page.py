"""docs/benchmarks.md: each command writes its own section and leaves the others."""

import re
from pathlib import Path

from tests.bench.contenders.contract import ROOT

PATH = ROOT / "docs" / "benchmarks.md"
PICTURE = PATH.parent / "benchmarks-latency.svg"
LATENCY_METHOD = """\
Events are sent on an absolute schedule, so a
stall shows in full. A wait runs from the broker's append time of an event (LogAppendTime) to the receipt of the fact
it caused by a read-committed consumer of another library; facts are changes of tier, and a run in which one that had to
come did not has failed. The complete worker makes its own ticks, one a second."""
TITLE = """\
# Benchmarks

Written by `make bench` and `make bench-latency`; do not edit. The end of the page says what is measured, and how.

"""
ORDER = ("Throughput", "Latency")
METHOD_NAME = "The job and the measuring"
METHOD = f"""\
## {METHOD_NAME}

One topic of 4 partitions, keyed by subscriber, of compact JSON events (180 bytes); Zipf(0.8) over the subscribers,
five months, 2 % late by up to two days and 0.1 % by up to 120. For each event the charges and units of the
subscriber's last three months are kept, and a change of tier is published; the state is durable in a changelog.
`tests/bench/job.py` is the rule that all Python contenders share, `tests/bench/kafka_streams` the same in Java,
`tests/bench/reference.py` the right answer, written apart. The changes published (read committed, as a multiset) and
the final states of every run are compared with it.

The complete worker is `stream-app worker` as shipped, on the same events as `usage.recorded`. The clock ticks before
the events and after them, as for a worker that comes back to a backlog: the months close after the last event, which
is not in its figures. Its answer is the offline engine's: subscribers, the last revision of every closed month, dead
letters; and no fact twice. (`python -m tests.bench worker --ticks months` has 151 midnights and four month closes
among the events: with some 20 events a subscriber, a hundred times as many closes an event as in life.)

The broker is loaded beforehand. Time and CPU run from the first event seen to the last (start-up apart); CPU is user
and system time of all threads of the workers, the broker's beside it. Runs alternate: every contender once, then all
again. Slow ones get fewer events. Kafka Streams does the job twice in one JVM, as an application that ends and then
as another: the first pass is its cold line. On two cores broker and one worker fill the machine; two workers then
share what is left.
"""


def write_section(name: str, text: str, path: Path = PATH) -> Path:
    """Put a section in place of its older self."""
    sections = _sections(path) | {name: f"## {name}\n\n{text.strip()}\n\n"}
    body = "".join(sections[each] for each in ORDER if each in sections)
    path.write_text(TITLE + body + METHOD, encoding="utf-8")
    return path


def _sections(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    parts = re.split(r"^(?=## )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0].removeprefix("## "): part for part in parts}
