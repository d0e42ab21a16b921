"""The data set of the benchmark: the same for a seed, in the order of arrival."""

import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BEGIN_MS = int(datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=8))).timestamp() * 1000)
DAYS = 151  # up to 2025-05-31
ZIPF = 0.8
MEAN_MONTHLY_FEN = 15_000
MONTHS = 5
LATE, LATE_HOURS = 0.02, 48
VERY_LATE, VERY_LATE_HOURS = 0.001, 120 * 24
CHUNK = 10_000
SERVICES = ("voice", "sms", "data")
SERVICE_WEIGHTS = (0.45, 0.2, 0.35)
MEAN_UNITS = {"voice": 120.0, "sms": 1.0, "data": 20_000_000.0}
OFFSETS = (8, 0, 9)
OFFSET_WEIGHTS = (0.80, 0.15, 0.05)


class Plan(NamedTuple):
    """How many events of how many subscribers, from which seed."""

    events: int = 2_000_000
    subscribers: int = 100_000
    seed: int = 1

    @property
    def name(self) -> str:
        """Name the data set, as a topic may be named."""
        return f"{self.events}-{self.subscribers}-{self.seed}"


class Row(NamedTuple):
    """An event: who, its fields, and when it occurred in milliseconds of the epoch."""

    subscriber_id: str
    event_id: str
    service: str
    units: int
    charge_fen: int
    occurred_at: str
    occurred_ms: int

    def job_json(self) -> bytes:
        """Write it as the job has it."""
        return (
            f'{{"event_id":"{self.event_id}","subscriber_id":"{self.subscriber_id}","service":"{self.service}",'
            f'"units":{self.units},"charge_fen":{self.charge_fen},"occurred_at":"{self.occurred_at}"}}'
        ).encode()

    def contract_json(self) -> bytes:
        """Write it as a `usage.recorded` of CONTRACTS section 1."""
        quantity = QUANTITIES[self.service]
        return (
            f'{{"event_id":"{self.event_id}","type":"usage.recorded","subscriber_id":"{self.subscriber_id}",'
            f'"occurred_at":"{self.occurred_at}","service":"{self.service}","{quantity}":{self.units},'
            f'"charge_fen":{self.charge_fen}}}'
        ).encode()


QUANTITIES = {"voice": "duration_seconds", "sms": "message_count", "data": "volume_bytes"}


def rows(plan: Plan) -> Iterator[Row]:
    """Make the events up."""
    chance = random.Random(plan.seed)
    people = [f"86138{number:08}" for number in chance.sample(range(100_000_000), plan.subscribers)]
    weights = list(accumulate((rank + 1) ** -ZIPF for rank in range(plan.subscribers)))
    mean_charge = MEAN_MONTHLY_FEN * MONTHS * plan.subscribers / plan.events
    step_ms = DAYS * DAY_MS / plan.events
    for begin in range(0, plan.events, CHUNK):
        count = min(CHUNK, plan.events - begin)
        whos = chance.choices(people, cum_weights=weights, k=count)
        services = chance.choices(SERVICES, SERVICE_WEIGHTS, k=count)
        offsets = chance.choices(OFFSETS, OFFSET_WEIGHTS, k=count)
        for index, (who, service, offset) in enumerate(zip(whos, services, offsets, strict=True), start=begin):
            occurred_ms = BEGIN_MS + int(index * step_ms) - _late_ms(chance)
            yield Row(
                who, _uuid(chance), service, 1 + _about(chance, MEAN_UNITS[service]), _about(chance, mean_charge),
                _text(occurred_ms, offset), occurred_ms,
            )  # fmt: skip


def _uuid(chance: random.Random) -> str:
    text = f"{chance.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _about(chance: random.Random, mean: float) -> int:
    return int(-mean * math.log(1.0 - chance.random()))


def _late_ms(chance: random.Random) -> int:
    draw = chance.random()
    if draw >= LATE + VERY_LATE:
        return 0
    return int(chance.random() * HOUR_MS * (LATE_HOURS if draw < LATE else VERY_LATE_HOURS))


def _text(occurred_ms: int, offset_hours: int) -> str:
    minute, rest_ms = divmod(occurred_ms, 60_000)
    return f"{_minute(minute, offset_hours)}:{rest_ms // 1000:02}.{rest_ms % 1000:03}+{offset_hours:02}:00"


@lru_cache(1 << 16)
def _minute(minute: int, offset_hours: int) -> str:
    return datetime.fromtimestamp(minute * 60, timezone(timedelta(hours=offset_hours))).strftime("%Y-%m-%dT%H:%M")
