"""Months of one customer's life with all that the early warning looks at, and a tick each day."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import yaml
from hypothesis import strategies as st

from tests.oracle.cases import Line, Stream
from tests.oracle.indicators import PACED
from tests.oracle.months import Calendar, named
from tests.oracle.policy import parse_all
from tests.oracle.settings import said
from tests.oracle.timeline import ticks_in
from tests.oracle.warning_events import EVENTS, FIELDS, FOCUSES, Choices, Fields, events_of

POLICY = Path(__file__).resolve().parents[2] / "deploy" / "policies" / "default.yaml"
HANDBOOK: Fields = yaml.safe_load(POLICY.read_text(encoding="utf-8"))["risk"]["indicators"]
SHARP = {  # every figure has its points, and most alone move a level
    "spend_pace_percent": {"bins": [{"to": 50, "points": 30}, {"from": 50, "to": 90, "points": 10}], "missing": 1},
    "minutes_pace_percent": {"bins": [{"to": 50, "points": 20}, {"from": 150, "points": -10}]},
    "data_pace_percent": {"bins": [{"to": 70, "points": 10}]},
    "active_days_percent": {"bins": [{"to": 60, "points": 15}]},
    "silent_days": {"bins": [{"from": 3, "to": 9, "points": 15}, {"from": 9, "points": 35}]},
    "low_spend_months": {"bins": [{"from": 1, "to": 2, "points": 10}, {"from": 2, "points": 25}]},
    "arrears_months": {"bins": [{"from": 1, "to": 2, "points": 20}, {"from": 2, "points": 40}]},
    "arrears_fen": {"bins": [{"from": 1, "to": 5000, "points": 25}, {"from": 5000, "points": 40}]},
    "balance_fen": {"bins": [{"to": 0, "points": 35}, {"from": 0, "to": 1000, "points": 20}]},
    "complaints": {"bins": [{"from": 1, "to": 2, "points": 25}, {"from": 2, "points": 45}]},
    "complaints_escalated": {"bins": [{"from": 1, "points": 60}]},
    "hotline_calls": {"bins": [{"from": 1, "to": 8, "points": 25}, {"from": 8, "points": 80}]},
    "call_forwarding": {"bins": [{"from": 1, "points": 35}]},
    "portout": {"bins": [{"from": 0, "to": 10, "points": 80}, {"from": 10, "to": 31, "points": 40}]},
    "contract_days_left": {"bins": [{"to": 5, "points": 30}, {"from": 5, "to": 31, "points": 15}], "missing": -1},
    "tenure_months": {"bins": [{"to": 2, "points": 10}, {"from": 4, "points": -10}]},
    "measures_held": {"bins": [{"to": 1, "points": 10}, {"from": 2, "points": -20}]},
    "sticky_services": {"bins": [{"from": 1, "points": -5}]},
    "tier_lost_days": {"bins": [{"from": 0, "to": 20, "points": 35}, {"from": 20, "to": 60, "points": 15}]},
    "recency_days": {"bins": [{"from": 7, "points": 5}]},
    "frequency_percent": {"bins": [{"to": 20, "points": 5}, {"from": 80, "points": -3}]},
    "monetary_fen": {"bins": [{"to": 6000, "points": 5}, {"from": 20000, "points": -5}]},
}  # fmt: skip
CARDS = (HANDBOOK, SHARP)
LEVELS = ((30, 50, 75), (20, 35, 60), (25, 26, 101))
FIRST_MONTHS = ("2024-02", "2024-09", "2023-11")  # summer time starts, ends, a year turns


class Habit(NamedTuple):
    """Use at every so many days from one day to another."""

    start: int
    length: int
    step: int
    amount: int
    service: int


class Life(NamedTuple):
    """What is drawn for a stream."""

    first: str
    months: int
    zone: str
    anchor_day: int
    grace_hours: int
    versions: list[Fields]
    habits: list[Habit]
    events: list[Choices]


HABITS = st.builds(
    Habit,
    st.integers(0, 120),
    st.sampled_from((30, 90, 120, 240)),
    st.sampled_from((2, 5, 9, 17)),
    st.integers(0, 3),
    st.integers(0, 3),
)
VERSIONS = st.fixed_dictionaries(
    {
        "card": st.sampled_from((1, 1, 0)),
        "levels": st.sampled_from(LEVELS),
        "hysteresis_points": st.sampled_from((10, 0, 5, 21)),
        "min_dwell_days": st.sampled_from((8, 0, 1, 3)),
        "cool_down_days": st.sampled_from((14, 0, 5, 60)),
        "pace_from_day": st.sampled_from((10, 2, 28)),
        "weekend_weight": st.sampled_from((80, 1, 200)),
        "low_spend_window_months": st.sampled_from((6, 2, 3)),
        "complaint_days": st.sampled_from((60, 1, 12)),
        "open_complaint_days": st.sampled_from((180, 20, 5)),
        "competitor_days": st.sampled_from((90, 1, 14)),
        "balance_from_days": st.sampled_from((3, 0, 1)),
        "balance_days": st.sampled_from((45, 1, 5)),
        "base_points": st.sampled_from((0, 0, 12, -10)),
    }
)
LIVES = st.builds(
    Life,
    st.sampled_from(FIRST_MONTHS),
    st.sampled_from((4, 5, 6, 8)),
    st.sampled_from(("Asia/Shanghai", "America/New_York")),
    st.sampled_from((1, 1, 15)),
    st.sampled_from((48, 0, 30)),
    st.lists(VERSIONS, min_size=1, max_size=2),
    st.lists(HABITS, max_size=2),
    st.lists(EVENTS, min_size=4, max_size=40),
)


def lives(*, paced: bool, every: int = 1) -> st.SearchStrategy[Stream]:
    """Give the strategy of streams, with paced indicators in the policy or without; events come every so many days."""
    return LIVES.map(lambda life: stream_of(crowded(life, every), paced=paced))


def focused_lives(*, paced: bool) -> st.SearchStrategy[Stream]:
    """Give the strategy of streams in which many events are of few kinds that have to do with each other."""
    focused = st.sampled_from(FOCUSES).flatmap(lambda kinds: st.lists(events_of(kinds), min_size=6, max_size=16))
    longer = st.builds(lambda life, more: life._replace(events=[*life.events[:12], *more]), LIVES, focused)
    return longer.map(lambda life: stream_of(life, paced=paced))


def crowded(life: Life, every: int) -> Life:
    """Let single events come on every so manieth day only, so that several meet between two ticks."""
    return life._replace(events=[each._replace(day=each.day // every * every) for each in life.events])


def stream_of(life: Life, *, paced: bool) -> Stream:
    """Spell a life out, with a tick at each midnight and close."""
    calendar = Calendar(ZoneInfo(life.zone), life.anchor_day)
    first, start_at = named(life.first), calendar.start(named(life.first))
    middle = calendar.start(first + life.months // 2)
    policies = [
        _document(f"v{n}", start_at if n == 0 else middle, calendar, life.grace_hours, _section(body, paced=paced))
        for n, body in enumerate(life.versions)
    ]
    until = calendar.start(first + life.months) + timedelta(days=4)
    drawn = [*_habits(life.habits), *life.events]
    arrivals = [arrival for n, choices in enumerate(drawn) for arrival in _arrivals(n, choices, start_at, calendar)]
    ticks = [start_at, *ticks_in(parse_all(policies), until, start_at, until)]
    told = [(at, 0, n, line) for n, (at, line) in enumerate(arrivals) if at < until]
    told += [(at, -1, n, {"tick": said(at)}) for n, at in enumerate(ticks)]
    told.sort(key=lambda each: each[:3])
    begins = next(n for n, each in enumerate(told) if each[1] == -1)
    return Stream([line for *_, line in told[begins:]], policies, until)


def _section(body: Fields, *, paced: bool) -> Fields:
    watch, high, critical = body["levels"]
    card = {name: own for name, own in CARDS[body["card"]].items() if paced or name not in PACED}
    plain = {name: figure for name, figure in body.items() if name not in {"card", "levels"}}
    return {
        **plain,
        "indicators": card,
        "watch_from": watch,
        "high_from": high,
        "critical_from": critical,
        "weekday_weight": 100,
        "holidays": ["2024-03-04", "2024-10-01", "2023-12-25"],
        "pace_floor_fen": 1_000,
        "pace_floor_seconds": 60,
        "pace_floor_bytes": 50,
        "pace_floor_days": 2,
        "low_spend_fen": 5_000,
        "low_spend_over_fen": 12_000,
    }


def _document(version: str, at: datetime, calendar: Calendar, grace_hours: int, risk: Fields) -> Fields:
    return {
        "version": version,
        "effective_at": said(at),
        "billing": {"zone": calendar.zone.key, "anchor_day": calendar.anchor_day, "grace_hours": grace_hours},
        "tiers": [{"code": "GOLD", "floor_fen": 20_000}, {"code": "SILVER", "floor_fen": 4_000}],
        "tier_policy": {"arrears_grace_days": 5},
        "risk": risk,
    }


def _habits(habits: list[Habit]) -> list[Choices]:
    return [
        Choices("usage", day, 9, 0, habit.amount, habit.service, 0)
        for habit in habits
        for day in range(habit.start, habit.start + habit.length, habit.step)
    ]


def _arrivals(number: int, choices: Choices, start_at: datetime, calendar: Calendar) -> list[tuple[datetime, Line]]:
    at = start_at + timedelta(days=choices.day, hours=choices.hour, minutes=30 * (choices.which == 3))
    if choices.kind == "away":
        back = choices._replace(kind="activated", day=choices.day + (0, 1, 20, 70)[choices.which], which=0)
        gone = choices._replace(kind="deactivated", which=0)
        return [
            each
            for n, one in enumerate((gone, back))
            for each in _arrivals(number + 10_000 * n, one, start_at, calendar)
        ]
    line = {
        "event_id": f"e{number}",
        "subscriber_id": "s",
        "occurred_at": said(at),
        **FIELDS[choices.kind](choices, at, calendar),
    }
    return [(at + timedelta(hours=choices.delay), line)]
