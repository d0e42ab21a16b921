"""The folder a replay leaves: facts, dead letters and subscribers as NDJSON, and a summary (CONTRACTS section 7)."""

import base64
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import orjson

from stream_app.core.view import View
from stream_app.wire.views import view_object

FACT_FILES: Mapping[str, str] = {
    "tier-changes": "tier-changes.ndjson",
    "month-closes": "month-closed.ndjson",
    "churn-risk": "churn-risk.ndjson",
    "churn-outcomes": "churn-outcomes.ndjson",
}
DEAD_LETTERS, SUBSCRIBERS, SUMMARY = "dead-letters.ndjson", "subscribers.ndjson", "summary.json"


class Answers:
    """Writes the files of a replay; a context that closes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.facts: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.subscribers = 0
        self._stack = ExitStack()
        self._files: dict[str, BinaryIO] = {}

    def __enter__(self) -> Self:
        """Make the folder and empty its files."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in (*FACT_FILES.values(), DEAD_LETTERS, SUBSCRIBERS):
            self._files[name] = self._stack.enter_context((self.folder / name).open("wb"))
        (self.folder / SUMMARY).unlink(missing_ok=True)  # it is written last: where it stands, the rest is whole
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        self._stack.close()

    def fact(self, topic: str, kind: str, value: bytes) -> None:
        """Write a fact as it stands on its topic."""
        self.facts[kind] += 1
        self._line(FACT_FILES[topic], value)

    def reject(self, reason: str, message: str, topic: str, value: bytes, **origin: object) -> None:
        """Write a dead letter; a value that is no UTF-8 text goes in base64."""
        self.rejected[reason] += 1
        self._line(
            DEAD_LETTERS,
            orjson.dumps({"reason": reason, "message": message, "topic": topic, **origin, **_as_text(value)}),
        )

    def subscriber(self, view: View) -> None:
        """Write a subscriber."""
        self.subscribers += 1
        self._line(SUBSCRIBERS, orjson.dumps(view_object(view)))

    def summarise(
        self, events: int, duplicates: Mapping[str, int], seconds: float, more: Mapping[str, object]
    ) -> dict[str, object]:
        """Write and give the summary."""
        summary = {
            "events": events,
            "facts": dict(sorted(self.facts.items())),
            "duplicates": dict(sorted(duplicates.items())),
            "rejected": dict(sorted(self.rejected.items())),
            "subscribers": self.subscribers,
            "seconds": round(seconds, 3),
            "events_per_second": round(events / seconds) if seconds else 0,
            **more,
        }
        (self.folder / SUMMARY).write_bytes(
            orjson.dumps(summary, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        )
        return summary

    def _line(self, name: str, value: bytes) -> None:
        self._files[name].write(value + b"\n")


def _as_text(value: bytes) -> dict[str, str]:
    try:
        return {"value": value.decode()}
    except UnicodeDecodeError:
        return {"value": base64.b64encode(value).decode(), "encoding": "base64"}


def by_id(views: Iterable[View]) -> list[View]:
    """Put views in the order of their ids, so that two runs compare line by line."""
    return sorted(views, key=lambda view: view.subscriber_id)
