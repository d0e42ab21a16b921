"""The demo's screen: a table on a terminal, a line now and then elsewhere."""

import io

from rich.console import Console

from stream_app.commands.demo import _Screen, _table
from stream_app.demo.simulation import Simulation
from stream_app.demo.warnings import Warnings
from stream_app.demo.watch import Watch
from stream_app.replay.feeding import Feeder
from stream_app.sim import Population
from stream_app.worker.topics import Names
from tests.replay.lines import POLICIES, utc
from tests.replay.memory_producer import MemoryProducer

FACT = {
    "type": "tier.changed",
    "occurred_at": "2025-03-10T08:00:00.000001Z",
    "subscriber_id": "s-1",
    "from": None,
    "to": "GOLD",
    "reason": "live",
    "arpu_fen": 123456,
}
RISK = {
    "type": "churn_risk.changed",
    "occurred_at": "2025-03-10T09:00:00Z",
    "subscriber_id": "stranger",
    "from": "none",
    "to": "high",
    "score": 55,
    "reasons": [{"indicator": "silent_days", "points": 30, "value": 15, "evidence": {}}],
}


def watch() -> Watch:
    seen = Watch("nowhere:1", [], [], Warnings(Population(1, 10), utc("2025-01-01"), utc("2025-03-10")))
    seen.heads.update({"none": 3, "GOLD": 1})
    seen.worked = 1234
    seen.take(FACT)
    seen.take(RISK)
    return seen


def simulation() -> Simulation:
    feeder = Feeder(MemoryProducer(), Names("", "demo"), 1, 0)
    return Simulation(Population(1, 10), POLICIES, feeder, utc("2025-03-10"), 5, 600.0)


def shown(times: int, *, terminal: bool) -> str:
    out = io.StringIO()
    screen = _Screen(Console(file=out, force_terminal=terminal, width=200, legacy_windows=False))
    with screen:
        screen.say("hello [bold]x[/bold]")
        for _ in range(times):
            screen.show(watch(), simulation())
    return out.getvalue()


def test_elsewhere_one_line_in_five_is_said() -> None:
    lines = shown(11, terminal=False).splitlines()
    assert lines[0] == "hello [bold]x[/bold]"
    assert len(lines) == 1 + 3
    assert "worked 1,234, tier changes 1, warnings 1, subscribers: GOLD 1, none 3" in lines[1]


def test_on_a_terminal_the_table_shows_the_newest_changes() -> None:
    text = shown(1, terminal=True)
    assert "newest tier changes" in text
    assert "1,234.56" in text
    assert "newest changes of churn risk" in text
    assert "silent_days" in text


def test_the_newest_change_stands_first() -> None:
    seen = watch()
    seen.newest.append({**FACT, "subscriber_id": "s-2", "from": "GOLD", "to": None})
    table = _table(seen)
    cells = [[str(cell) for cell in column.cells] for column in table.columns]
    assert cells[1] == ["s-2", "s-1"]
    assert cells[2] == ["GOLD", "none"]
    assert cells[3] == ["none", "GOLD"]
