"""The region whose load is played, by DOMAIN section 8: its people, and the events of a day.

Rule: 33 rated events a day come of each subscriber, as of a province's thirty million; a region differs in its number.
Its subscribers stand as a year of typical use has left them, up to the local midnight before.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from stream_app.wire.stored import load_subscriber
from tests.bench.size.population import Span, Standing, policies, standing

CHENGDU: Final = 1_200_000
PROVINCE: Final = 30_000_000
PROVINCE_EVENTS_A_DAY: Final = 1_000_000_000
DAY_SECONDS: Final = 86_400
ZONE: Final = ZoneInfo("Asia/Shanghai")
HISTORY: Final = timedelta(days=395)
SIMULATED: Final = 300
GRACE_DAYS: Final = 3  # two days of grace and some: the month before is closed from then on
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "stream-app"


class Region(NamedTuple):
    """A region by the number of its subscribers."""

    subscribers: int

    @property
    def events_a_second(self) -> float:
        """Give the events a second, on the average of a day."""
        return self.subscribers / PROVINCE * PROVINCE_EVENTS_A_DAY / DAY_SECONDS


def people(now: datetime, simulated: int = SIMULATED, history: timedelta = HISTORY) -> Standing:
    """Give those whose rows a region's are copies of: simulated and worked through the rules, once a day.

    Who left so long ago that the last closed month has no row is left out: a correction of it makes no fact.
    """
    midnight = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    found = standing(CACHE, simulated, Span(midnight - history, midnight + timedelta(seconds=1)))
    year, month = map(int, closed_month(now).split("-"))
    wanted = policies().calendar.month_of(datetime(year, month, 15, tzinfo=ZONE))
    return Standing(found.clock, [each for each in found.rows if wanted in load_subscriber(each[1]).months])


def closed_month(now: datetime) -> str:
    """Name the last billing month that is closed for certain."""
    local = now.astimezone(ZONE) - timedelta(days=GRACE_DAYS)
    return f"{local.replace(day=1) - timedelta(days=1):%Y-%m}"
