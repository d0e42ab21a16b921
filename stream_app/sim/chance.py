"""Where the simulation's chance comes from: one generator, re-seeded for each question.

Rule: what happens to a person in a month or on a day depends on the seed, the
person and that date alone, never on who was asked before.
"""

import math
import random
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import Final

# Steps that are no ratio of whole numbers, nor of each other: one for each question.
_STEPS: Final = ((math.sqrt(5) - 1) / 2, math.sqrt(2) - 1, math.sqrt(3) - 1)


def seeded(seed: int, *place: int) -> random.Random:
    """Make a generator for one place of the simulation."""
    return random.Random(key_of(seed, *place))


def key_of(seed: int, *place: int) -> int:
    """Pack a seed and a place into one number; each part takes 40 bits."""
    key = seed
    for part in place:
        key = (key << 40) | part
    return key


def evenly(seed: int, index: int, question: int) -> float:
    """Give the index-th of a sequence that fills [0, 1) evenly from any beginning on.

    Shares cut from it are met to within a person or two, where independent
    draws would be off by the square root of the share. Questions are 0 to 2.
    """
    return (_start(seed, question) + index * _STEPS[question]) % 1.0


@cache
def _start(seed: int, question: int) -> float:
    return seeded(seed, question).random()


def pick(cumulative: Sequence[tuple[float, str]], draw: float) -> str:
    """Choose the first name whose cumulative share exceeds the draw; the last beyond all."""
    return next((name for bound, name in cumulative if draw < bound), cumulative[-1][1])


def pseudonym(seed: int, index: int) -> str:
    """Name a subscriber by a hash, so that no order or meaning shows."""
    return "s" + blake2b(f"{seed}:{index}".encode(), digest_size=8).hexdigest()
