"""Walking one entry, and keeping its transcript."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

from tests.walks.blocks import ROOT
from tests.walks.shell import Transcript
from tests.walks.stack import Stack
from tests.walks.steps import Steps

FOLDER = ROOT / "docs" / "walks"


class Walk(NamedTuple):
    """An entry of the runbook: its heading, and what happens before, between and after its commands."""

    name: str
    heading: str
    does: Callable[[Stack, Steps], None]
    runs_on: Callable[[Transcript], Stack] = Stack


def walk(chosen: Walk, hear: IO[str] | None = None, *, keep: bool = False) -> Transcript:
    """Walk an entry; raises AssertionError where it does not help, or was not walked whole."""
    transcript = Transcript(hear)
    began = time.monotonic()
    with chosen.runs_on(transcript) as stack:
        steps = Steps(stack, chosen.heading)
        chosen.does(stack, steps)
        steps.done()
        transcript.note(f"walked on {datetime.now(UTC):%Y-%m-%d} in {time.monotonic() - began:.0f} s, all told")
        lines = [stack.written(line) for line in transcript.lines]
    if keep:
        FOLDER.mkdir(exist_ok=True)
        page(chosen).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return transcript


def page(chosen: Walk) -> Path:
    """Name the file of a transcript."""
    return FOLDER / f"{chosen.name}.txt"
