"""The load test and the loss of all disks, small: all that they are made of runs, and no fact is lost or doubled."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Error

from tests.capacity.disks import FAULT, lose_both
from tests.capacity.draw import While, pictures
from tests.capacity.figures import load_table
from tests.capacity.load import Found, Plan, Step, play
from tests.capacity.prometheus import MISSING
from tests.capacity.region import Region, people
from tests.capacity.stack import Stack
from tests.faults.record import Record
from tests.faults.scene import scene
from tests.faults.stage import Stage

SUBSCRIBERS = 2_000
PLAN = Plan(Region(SUBSCRIBERS), [Step(400, 3), Step(600, 4)], lost_at=0)
FEW, SOME_MONTHS = 20, timedelta(days=100)
needs_prometheus = pytest.mark.skipif(shutil.which("prometheus") is None and not os.environ.get("CI"), reason=MISSING)
BOARDS = {"business", "desk", "pipeline", "workers"}
EVENTS_A_SECOND, FEW_HAVE_NONE = 400, 6


async def drawn(stack: Stack, found: Found) -> None:
    """Draw all dashboards, where there is a browser."""
    try:
        without = await pictures(stack.prometheus, While(found.begin, found.end), stack.folder)
    except Error:
        if os.environ.get("CI"):
            raise
        return
    assert without.keys() == BOARDS
    assert {name: panels for name, panels in without.items() if panels and name != "business"} == {}
    assert len(without["business"]) <= FEW_HAVE_NONE, without  # of so few nobody need be in a tier
    for board in BOARDS:
        assert (stack.folder / f"dashboards-{board}.png").stat().st_size > 20_000


@needs_prometheus
@pytest.mark.slow
@pytest.mark.kafka
async def test_a_small_region_is_played_measured_and_drawn_and_no_fact_is_lost_or_doubled(tmp_path: Path) -> None:
    found = await play(PLAN, people(datetime.now(UTC), FEW, SOME_MONTHS), tmp_path, print, drawn)
    totals = dict(found.totals)
    sent, without_fact, doubled = totals["corrections sent, without a fact, with more than one"].split(", ")
    assert (int(sent) > 15, without_fact, doubled) == (True, "0", "0"), totals
    assert all(row.waits.facts == row.waits.sent > 0 for row in found.rows)
    assert len(load_table(found.rows).splitlines()) == 4
    assert found.first_start.subscribers == SUBSCRIBERS
    assert {"worker-1", "worker-2", "desk", "broker"} <= set(totals["most memory in the steps"].split())


@pytest.mark.slow
@pytest.mark.kafka
async def test_facts_are_exact_after_both_workers_lost_their_disks_under_load() -> None:
    record = Record()
    async with Stage() as stage, scene(stage, record) as running:
        await lose_both(running, EVENTS_A_SECOND)
    assert (record.rows[FAULT].times, record.rows[FAULT].failed) == (1, 0)
