"""A person's usage of one day, in the service mix of the tier they spend in.

Rule: which service comes next never depends on the money spent so far, so the
mix holds in expectation whatever the day's budget is.
"""

from bisect import bisect
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple

from stream_app.sim.calibration import ServiceKind, Tier, service_mix
from stream_app.sim.moments import Service, Use
from stream_app.sim.people import Person


def _voice(scope: str, fen_a_minute: float) -> Service:
    return Service("voice", scope, "outgoing", "duration_seconds", 60 / fen_a_minute)


# Prices are of the time's order of magnitude; only the charges are calibrated.
_SERVICES: Final[dict[ServiceKind, Service]] = {
    "local": _voice("local", 40),
    "domestic_long_distance": _voice("domestic_long_distance", 70),
    "international_long_distance": _voice("international_long_distance", 800),
    "domestic_roaming": _voice("domestic_roaming", 60),
    "international_roaming": _voice("international_roaming", 1_500),
    "sms": Service("sms", "local", "outgoing", "message_count", 0.1),
}

# Usage that costs nothing of its own: it carries pace and silence, not money.
_FREE: Final = (
    (Service("voice", "local", "incoming", "duration_seconds", 0), 0.12, 90.0),
    (Service("data", "local", "outgoing", "volume_bytes", 0), 0.08, 4_000_000.0),
)
_CHARGED_SHARE: Final = 1 - sum(share for _, share, _ in _FREE)

# An hour is drawn from here: few calls at night, most by day and in the evening.
_HOURS: Final = (0, 1, 5, 6, 7, 7, 8, 8, *(2 * tuple(range(9, 23))), 10, 11, 18, 19, 20, 20, 21, 23)


class Tariff(NamedTuple):
    """What a tier's usage draws from: cumulative frequencies, services, factors on the mean charge."""

    bounds: list[float]
    services: list[Service]
    factors: list[float]
    free_means: list[float]


@cache
def tariff(tier: Tier | None) -> Tariff:
    """Work out a tier's frequencies and charges from its service mix.

    A service of a small share comes oftener and cheaper than its share (the
    square root): otherwise a month would hold none of it.
    """
    mix = service_mix(tier)
    total = sum(mix.values())
    roots = sum(share**0.5 for share in mix.values())
    frequencies = [_CHARGED_SHARE * share**0.5 / roots for share in mix.values()]
    factors = [share / total / each for share, each in zip(mix.values(), frequencies, strict=True)]
    return Tariff(
        bounds=list(accumulate([*frequencies, *(share for _, share, _ in _FREE)])),
        services=[*(_SERVICES[kind] for kind in mix), *(service for service, _, _ in _FREE)],
        factors=[*factors, *(0.0 for _ in _FREE)],
        free_means=[*(0.0 for _ in mix), *(mean for _, _, mean in _FREE)],
    )


def uses_of_day(person: Person, prices: Tariff, chance: Random, mean_count: float, mean_fen: float) -> Iterator[Use]:
    """Draw a day's usage: how many times, when, which service, for how much.

    The mean charge is over all usage, free usage included.
    """
    draw = chance.random
    last = len(prices.services) - 1
    for number in range(int(mean_count * (0.4 + 1.2 * draw()) + draw())):
        place = min(bisect(prices.bounds, draw()), last)
        service = prices.services[place]
        charge_fen = int(mean_fen * prices.factors[place] * (0.25 + 1.5 * draw()) + draw())
        second = (_HOURS[int(draw() * len(_HOURS))] + draw()) * 3600
        yield Use(second, person, number, service, charge_fen, _quantity(prices, place, charge_fen, draw()))


def _quantity(prices: Tariff, place: int, charge_fen: int, draw: float) -> int:
    """Give what the charge has bought, or a free quantity; never nothing."""
    free_mean = prices.free_means[place]
    if free_mean:
        return int(2 * free_mean * draw) + 1
    return int(charge_fen * prices.services[place].per_fen) + 1
