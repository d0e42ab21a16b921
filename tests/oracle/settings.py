"""The calendars, spans and policies that streams are drawn for.

They stay where the contracts have one reading: a later version neither drops a tier, nor remembers more ids, nor
corrects longer than the one before it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracle.months import Calendar, named

Draw = st.DrawFn

ZONES = ("Asia/Shanghai", "UTC", "America/New_York", "Europe/Berlin")
ANCHOR_DAYS = (1, 15, 28)
FIRST_MONTHS = ("2024-02", "2024-09", "2023-12")  # summer time starts, ends, a year turns
TOUCH = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Setting:
    """The calendar, span and policies that a stream's events are drawn for."""

    calendar: Calendar
    first: int
    months: int
    policies: list[dict[str, Any]]
    until: datetime

    @property
    def grace(self) -> timedelta:
        """The first version's grace."""
        return timedelta(hours=self.policies[0]["billing"]["grace_hours"])


def said(at: datetime, zone: tzinfo = UTC) -> str:
    """Write an instant with a zone's offset."""
    return at.astimezone(zone).isoformat().replace("+00:00", "Z")


class Place(NamedTuple):
    """Where in a span an instant lies: at a boundary (a month's start, the close before it), else at a day and hour."""

    month: int
    boundary: str | None
    day: int
    hour: int
    touches: int


INSTANTS = st.builds(
    Place,
    st.integers(0, 9),
    st.sampled_from((None, None, None, None, "start", "close")),
    st.integers(0, 30),
    st.sampled_from((0, 0, 7, 13, 23)),
    st.sampled_from((0, 0, 0, 1, -1)),
)


def placed_at(place: Place, setting: Setting) -> datetime:
    """Give the instant of a place: at a boundary or somewhere between, or a microsecond beside it."""
    month = place.month % (setting.months + 1)
    start_at = setting.calendar.start(setting.first + month)
    # Of the month after the span little comes before the end.
    inside = timedelta(days=place.day % (4 if month == setting.months else 31), hours=place.hour)
    beside = {None: inside, "start": timedelta(), "close": setting.grace}[place.boundary]
    return start_at + beside + place.touches * TOUCH


def instants(setting: Setting) -> st.SearchStrategy[datetime]:
    """Give the strategy of instants of the span."""
    return INSTANTS.map(partial(placed_at, setting=setting))


VERSIONS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 400)), min_size=1, max_size=3)
BODIES = st.fixed_dictionaries(
    {
        "floors_fen": st.sampled_from(((20, 10), (20, 10), (15, 9), (25, 11), (20, 11))),
        "grace_hours": st.sampled_from((48, 0, 1, 24, 30, 72)),
        "closes_to_downgrade": st.sampled_from((1, 2, 3)),
        "contract_required": st.sampled_from((False, False, False, False, False, True)),
        "arrears_grace_days": st.sampled_from((0, 1, 5, 30)),
        "correctable_months": st.integers(1, 3),
        "usage_recent": st.sampled_from((2, 3, 5, 16)),
        "has_top": st.booleans(),
    }
)

CLASS_NAMES = (
    "window_months",
    "dynamic_months",
    "dynamic_over_fen",
    "quasi_floor_fen",
    "important_floor_fen",
    "important_group_classes",
    "low_below_fen",
    "low_months",
    "unpaid_months",
    "assessed_outgoing_seconds",
)
CLASSES = [  # which of them a version has follows from what is drawn for it
    dict(zip(CLASS_NAMES, told, strict=True))
    for told in (
        (6, 3, 9, 5, 30, ["A"], 9, 2, 1, 60),
        (4, 2, 14, 5, 20, [], 15, 1, 0, 120),
        (3, 1, 29, 10, 45, ["A", "B"], 1, 2, 1, 60),
        (6, 2, 10, 9, 30, ["B"], 10, 3, 0, 61),
        (5, 1, 9, 3, 16, ["A"], 0, 5, 2, 0),
        (1, 1, 15, 1, 15, ["A"], 16, 2, 1, 180),
        (6, 1, 30, 10, 60, [], 0, 6, 0, 60),
    )
]


@st.composite
def settings_of_streams(draw: Draw) -> Setting:
    """Draw a zone, an anchor day, a span of months, one to three versions of the policy, and an end."""
    calendar = Calendar(ZoneInfo(draw(st.sampled_from(ZONES))), draw(st.sampled_from(ANCHOR_DAYS)))
    first, months = named(draw(st.sampled_from(FIRST_MONTHS))), draw(st.sampled_from((2, 4, 6, 9)))
    starts = {calendar.start(first + month % months) + timedelta(hours=2 * step) for month, step in draw(VERSIONS)}
    bodies = narrowed([draw(BODIES) for _ in starts])
    versions = enumerate(zip(sorted(starts), bodies, strict=True))
    documents = [document(f"v{number}", at, calendar, body) for number, (at, body) in versions]
    grace = timedelta(hours=documents[-1]["billing"]["grace_hours"])
    ends = (timedelta(), grace, grace + timedelta(days=1), grace - TOUCH, timedelta(days=12, hours=5))
    return Setting(calendar, first, months, documents, calendar.start(first + months) + draw(st.sampled_from(ends)))


def narrowed(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let no version correct longer, remember more or know fewer tiers than the one before it."""
    for earlier, later in pairwise(bodies):
        later["correctable_months"] = min(earlier["correctable_months"], later["correctable_months"])
        later["usage_recent"] = min(earlier["usage_recent"], later["usage_recent"])
        later["has_top"] = earlier["has_top"] or later["has_top"]
    return bodies


def document(version: str, at: datetime, calendar: Calendar, body: dict[str, Any]) -> dict[str, Any]:
    """Write one version as its YAML would be parsed."""
    gold_fen, silver_fen = body["floors_fen"]
    tiers = [{"code": "GOLD", "floor_fen": gold_fen}, {"code": "SILVER", "floor_fen": silver_fen}]
    return {
        "version": version,
        "effective_at": said(at),
        "billing": {
            "zone": calendar.zone.key,
            "anchor_day": calendar.anchor_day,
            "grace_hours": body["grace_hours"],
            "correctable_months": body["correctable_months"],
        },
        "tiers": [{"code": "PLATINUM", "floor_fen": 30}, *tiers] if body["has_top"] else tiers,
        "tier_policy": {
            name: body[name] for name in ("closes_to_downgrade", "contract_required", "arrears_grace_days")
        },
        "dedup": {"usage_recent": body["usage_recent"]},
        "value_classes": CLASSES[(body["grace_hours"] + body["usage_recent"]) % len(CLASSES)],
    }
