"""What was measured, as a table on the terminal and on a page.

Rule: a page holds a section for each number of subscribers; a run writes its own anew and leaves the others.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HEAD = """# Size 规模

Written by `make bench-size`: the real `stream-app worker` on a private Kafka, over subscribers with thirteen months of
typical use each (a simulated population worked through the rules, then given other ids until there are enough). The
changelog holds one copy of each row, as compaction leaves it. Latency is from when an event was due to be sent to when
a read-committed client has the fact, at a fixed rate (open loop).
"""


class Row(NamedTuple):
    """A line of the table."""

    what: str
    value: str
    goal: str


def table(rows: Sequence[Row]) -> str:
    """Lay rows out as a Markdown table."""
    lines = [f"| {row.what} | {row.value} | {row.goal or '-'} |" for row in rows]
    return "\n".join(["| what | measured | goal |", "| --- | --- | --- |", *lines])


def write_page(page: Path, subscribers: int, rows: Sequence[Row], circumstances: str) -> None:
    """Put the table of a run on a page, in place of the last one of as many subscribers."""
    text = page.read_text(encoding="utf-8") if page.exists() else HEAD
    sections = dict(re.findall(r"^## ([\d,]+) subscribers\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    sections[f"{subscribers:,}"] = f"\n{circumstances}.\n\n{table(rows)}\n\n"
    ordered = sorted(sections.items(), key=lambda section: int(section[0].replace(",", "")))
    page.write_text(
        HEAD + "".join(f"\n## {name} subscribers\n{body.rstrip()}\n" for name, body in ordered), encoding="utf-8"
    )
