"""Where the figures stand: docs/capacity.md, between marks; what is written by hand around them stays."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.gauges import cpu_model, memory_gib
from tests.capacity.figures import load_table
from tests.capacity.load import LONGEST_SETTLING_SECONDS, Found, Plan, in_words
from tests.capacity.prometheus import ROOT
from tests.capacity.region import DAY_SECONDS

PAGE = ROOT / "docs" / "capacity.md"
LOSS = "kill -9 of both workers and both disks lost, under {:g} times the average load"


def said(plan: Plan, found: Found) -> str:
    """Write a load test down."""
    region, average = plan.region, plan.region.events_a_second
    whose = f"{region.subscribers:,} subscribers, {average * DAY_SECONDS:,.0f} events a day, {average:,.0f} a second."
    loss = "" if found.loss is None else f"\n{LOSS.format(plan.lost_at)}: {in_words(found.loss)}.\n"
    totals = "".join(f"| {what} | {value} |\n" for what, value in found.totals)
    return (
        f"{whose} {circumstances()}\n\n{steps_in_words(plan)}\n\n"
        f"Start with empty disks: {in_words(found.first_start)}.\n\n"
        f"{load_table(found.rows)}\n| in all | |\n| --- | --- |\n{totals}{loss}"
    )


def steps_in_words(plan: Plan) -> str:
    """Say how long each step was, and what of it is not counted."""
    steps = ", ".join(f"{step.times:g} for {step.seconds:g} s" for step in plan.steps)
    settling = f"the first quarter of each, {LONGEST_SETTLING_SECONDS:g} s at most, is not counted"
    return f"Times the average: {steps}; {settling}."


def circumstances() -> str:
    """Say on what machine this was, and when."""
    load = os.getloadavg()[2]
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {cpu_model()}, {os.cpu_count()} cores, {memory_gib():.0f} GiB, "
        f"Python {platform.python_version()}; load of the last 15 minutes {load:.1f}."
    )


def write(mark: str, text: str, file: Path = PAGE) -> None:
    """Put text between the two lines that mark its place on the page."""
    page = file.read_text(encoding="utf-8")
    begin, end = f"<!-- {mark} -->\n", f"<!-- end of {mark} -->\n"
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        message = f"{file} has no place marked {mark!r}"
        raise ValueError(message)
    file.write_text(f"{before}{begin}\n{text.rstrip()}\n\n{end}{after}", encoding="utf-8")


def without(names: Sequence[str]) -> str:
    """Say which panels had nothing to show."""
    return f"nothing to show: {', '.join(names)}" if names else "every panel has data"
