"""Where the simulation's chance comes from: one generator, re-seeded for each question.

Rule: what happens to a person in a month or on a day depends on the seed, the
person and that date alone, never on who was asked before.
"""

import math
import random
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

_GOLDEN: Final = (math.sqrt(5) - 1) / 2


def seeded(seed: int, *place: int) -> random.Random:
    """Make a generator for one place of the simulation."""
    return random.Random(key_of(seed, *place))


def key_of(seed: int, *place: int) -> int:
    """Pack a seed and a place into one number; each part takes 40 bits."""
    key = seed
    for part in place:
        key = (key << 40) | part
    return key


def evenly(seed: int, index: int) -> float:
    """Give the index-th of a sequence that fills [0, 1) evenly from any beginning on.

    Shares cut from it are met to within a person or two, where independent
    draws would be off by the square root of the share.
    """
    start = seeded(seed).random()
    return (start + index * _GOLDEN) % 1.0


def pick(cumulative: Sequence[tuple[float, str]], draw: float) -> str:
    """Choose the first name whose cumulative share exceeds the draw; the last beyond all."""
    return next((name for bound, name in cumulative if draw < bound), cumulative[-1][1])


def pseudonym(seed: int, index: int) -> str:
    """Name a subscriber by a hash, so that no order or meaning shows."""
    return "s" + blake2b(f"{seed}:{index}".encode(), digest_size=8).hexdigest()
