"""The right answer to the job, by the words of its description: slow, plain, and no line of job.py in it."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
LADDER = [("C1", 300000), ("C2", 150000), ("C3", 80000), ("C4", 50000), ("C5", 30000), ("C6", 20000)]

Said = tuple[str, str, str | None, str | None, int, str]
"""Subscriber, event, from, to, ARPU in fen, month."""
Final = tuple[int, str | None]
"""ARPU in fen, tier."""


@dataclass
class Answer:
    """What must come out."""

    finals: dict[str, Final] = field(default_factory=dict)
    said: Counter[Said] = field(default_factory=Counter)


def answer(values: Iterable[bytes]) -> Answer:
    """Work the events by the description."""
    books: dict[str, dict[int, int]] = defaultdict(dict)
    newest: dict[str, int] = {}
    found = Answer()
    for value in values:
        event = json.loads(value)
        who = event["subscriber_id"]
        local = datetime.fromisoformat(event["occurred_at"]).astimezone(SHANGHAI)
        month = 12 * local.year + local.month
        last = newest[who] = max(month, newest.get(who, month))
        if month < last - 2:
            continue
        book = books[who]
        book[month] = book.get(month, 0) + event["charge_fen"]
        arpu = sum(book.get(m, 0) for m in (last - 2, last - 1, last)) // 3
        tier = next((code for code, floor in LADDER if arpu >= floor), None)
        held = found.finals[who][1] if who in found.finals else None
        found.finals[who] = (arpu, tier)
        if tier != held:
            name = f"{(last - 1) // 12:04}-{(last - 1) % 12 + 1:02}"
            found.said[who, event["event_id"], held, tier, arpu, name] += 1
    return found


def read_said(value: bytes) -> Said:
    """Read an output event."""
    said = json.loads(value)
    return (
        said["subscriber_id"], said["event_id"], said["from"], said["to"], said["arpu_fen"], said["month"],
    )  # fmt: skip
