"""The fit: an additive logistic model over bins, three neighbouring bins held to a straight line, column after column.

Each step is a Newton step for one column's bins (a system of five diagonals), repeated until nothing moves.
"""

from collections.abc import Sequence
from math import log
from typing import NamedTuple

from stream_app.scoring.kernel import KERNEL, Known, Rows

PASSES = 25
STILL = 0.02  # of log odds: a sixth of a point
ALONE = 2.0  # how strongly a bin without neighbours (a word, a gap) is held at nothing
LEVEL = 0.05  # and one with neighbours
SLOPE = 0.0003  # how strongly neighbours are held together, beside three held to a straight line
HOLD_LINE = 0.5  # and the straight line over the bins


class Coded(NamedTuple):
    """A column by bins: the code of each row, how many bins have neighbours, and how many there are."""

    codes: Sequence[int]
    chained: int
    size: int


class Model(NamedTuple):
    """The intercept, each column's log odds by bin, and how much of them is a straight line over the bins."""

    intercept: float
    log_odds: tuple[tuple[float, ...], ...]
    tilts: tuple[float, ...]


def fit(columns: Sequence[Coded], known: Known, stiffness: float, begin: Model | None = None) -> Model:
    """Fit a model; `stiffness` holds neighbouring bins together, `begin` is where to start from."""
    share = (sum(known.labels) + 0.5) / (len(known.labels) + 1)
    start = begin or Model(
        log(share / (1 - share)), tuple((0.0,) * each.size for each in columns), (0.0,) * len(columns)
    )
    return _Fit(columns, known, stiffness, start).done()


class _Fit:
    def __init__(self, columns: Sequence[Coded], known: Known, stiffness: float, start: Model) -> None:
        self.columns = [each._replace(codes=KERNEL.codes(each.codes)) for each in columns]
        self.whole = Coded(KERNEL.codes([0] * len(known.labels)), 0, 1)
        self.known = Known(KERNEL.floats([float(label) for label in known.labels]), KERNEL.floats(known.weights))
        self.stiffness = stiffness
        self.intercept = start.intercept
        self.log_odds = [list(each) for each in start.log_odds]
        self.tilts = list(start.tilts)
        self.lines = [_line(each) for each in columns]
        self.sums: Rows = KERNEL.floats([start.intercept] * len(known.labels))
        for column, values in zip(self.columns, self.log_odds, strict=True):
            self.sums = KERNEL.moved(self.sums, column.codes, values)

    def done(self) -> Model:
        for _ in range(PASSES):
            if self._pass() < STILL:
                break
        return Model(self.intercept, tuple(tuple(each) for each in self.log_odds), tuple(self.tilts))

    def _pass(self) -> float:
        most = max(self._step(place, column) for place, column in enumerate(self.columns))
        gradient, curve = KERNEL.slopes(self.whole.codes, 1, self.sums, self.known)
        step = gradient[0] / (curve[0] + 1e-9)
        self.intercept += step
        self.sums = KERNEL.moved(self.sums, self.whole.codes, [step])
        return most

    def _step(self, place: int, column: Coded) -> float:
        """Move one column's log odds: the line first, then what is left over it."""
        gradient, curve = KERNEL.slopes(column.codes, column.size, self.sums, self.known)
        line, log_odds = self.lines[place], self.log_odds[place]
        bent = [value - self.tilts[place] * at for value, at in zip(log_odds, line, strict=True)]
        pull = sum(slope * at for slope, at in zip(gradient, line, strict=True)) - HOLD_LINE * self.tilts[place]
        tilt = pull / (sum(bend * at * at for bend, at in zip(curve, line, strict=True)) + HOLD_LINE)
        self.tilts[place] += tilt
        gradient = [slope - bend * tilt * at for slope, bend, at in zip(gradient, curve, line, strict=True)]
        bends = _newton(column, bent, gradient, curve, self.stiffness)
        steps = [tilt * at + step for at, step in zip(line, bends, strict=True)]
        self.sums = KERNEL.moved(self.sums, column.codes, steps)
        log_odds[:] = [value + step for value, step in zip(log_odds, steps, strict=True)]
        return max(map(abs, steps))


def _line(column: Coded) -> list[float]:
    """Lay the bins that have neighbours out from -1 to 1, the others at 0."""
    if column.chained < 2:  # noqa: PLR2004 - a line needs two
        return [0.0] * column.size
    return [2 * code / (column.chained - 1) - 1 if code < column.chained else 0.0 for code in range(column.size)]


def _newton(
    column: Coded, log_odds: Sequence[float], gradient: list[float], curve: list[float], stiffness: float
) -> list[float]:
    """Give the step of a column: its bins pulled to nothing, neighbours to each other, and three to a straight line."""
    diagonal, next_to, after_next = [*curve, 0.0, 0.0], [0.0] * column.size, [0.0] * column.size
    for code, value in enumerate(log_odds):
        hold = LEVEL if code < column.chained else ALONE
        gradient[code] -= hold * value
        diagonal[code] += hold
    for code in range(column.chained - 1):
        pull = SLOPE * stiffness * (log_odds[code + 1] - log_odds[code])
        gradient[code] += pull
        gradient[code + 1] -= pull
        diagonal[code] += SLOPE * stiffness
        diagonal[code + 1] += SLOPE * stiffness
        next_to[code] -= SLOPE * stiffness
    for code in range(column.chained - 2):
        pull = stiffness * (log_odds[code] - 2 * log_odds[code + 1] + log_odds[code + 2])
        for place, part in ((code, 1), (code + 1, -2), (code + 2, 1)):
            gradient[place] -= pull * part
            diagonal[place] += stiffness * part * part
        next_to[code] -= 2 * stiffness
        next_to[code + 1] -= 2 * stiffness
        after_next[code] += stiffness
    return _solved(diagonal, next_to, after_next, gradient)


def _solved(
    diagonal: list[float], next_to: list[float], after_next: Sequence[float], right: Sequence[float]
) -> list[float]:
    """Solve a symmetric system of five diagonals; `diagonal` has two places to spare."""
    left, found = [*right, 0.0, 0.0], [0.0] * len(diagonal)
    for code, (one, two) in enumerate(zip(next_to, after_next, strict=True)):
        ratio = one / diagonal[code]
        diagonal[code + 1] -= ratio * one
        left[code + 1] -= ratio * left[code]
        if two:
            next_to[code + 1] -= ratio * two
            ratio = two / diagonal[code]
            diagonal[code + 2] -= ratio * two
            left[code + 2] -= ratio * left[code]
    for code in range(len(right) - 1, -1, -1):
        followers = next_to[code] * found[code + 1] + after_next[code] * found[code + 2]
        found[code] = (left[code] - followers) / diagonal[code]
    return found[:-2]


def isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Give the nearest values that never fall (pool adjacent violators)."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        mean, total, length = value, weight, 1
        while pools and pools[-1][0] >= mean:
            before, held, run = pools.pop()
            mean = (before * held + mean * total) / (held + total)
            total, length = total + held, length + run
        pools.append((mean, total, length))
    return [mean for mean, _, length in pools for _ in range(length)]
