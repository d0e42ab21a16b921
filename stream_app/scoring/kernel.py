"""The loops over rows that a fit spends its time in: with numpy (`stream-app[risk]`) many times as fast."""

from collections.abc import Sequence
from importlib.util import find_spec
from math import exp
from typing import Any, NamedTuple, Protocol

FAST = find_spec("numpy") is not None  # the fit works without, slower
if FAST:
    import numpy as np

FARTHEST = 30.0  # log odds beyond it are certainty
Rows = Any  # a list or an array: each kernel its own


class Known(NamedTuple):
    """What is known of each row: left (1.0) or not (0.0), and how much it counts."""

    labels: Rows
    weights: Rows


class Kernel(Protocol):
    """Sums over rows by bin, and steps spread over rows."""

    def codes(self, codes: Sequence[int]) -> Rows:
        """Lay bin numbers out."""

    def floats(self, values: Sequence[float]) -> Rows:
        """Lay numbers out."""

    def slopes(self, codes: Rows, size: int, sums: Rows, known: Known) -> tuple[list[float], list[float]]:
        """Give gradient and curvature of the log likelihood by bin."""

    def moved(self, sums: Rows, codes: Rows, steps: Sequence[float]) -> Rows:
        """Add to each row's sum the step of its bin."""


class PlainKernel:
    """The standard library alone."""

    def codes(self, codes: Sequence[int]) -> Rows:
        """Lay bin numbers out."""
        return codes

    def floats(self, values: Sequence[float]) -> Rows:
        """Lay numbers out."""
        return values

    def slopes(self, codes: Rows, size: int, sums: Rows, known: Known) -> tuple[list[float], list[float]]:
        """Give gradient and curvature of the log likelihood by bin."""
        gradient, curve = [0.0] * size, [0.0] * size
        for code, total, label, weight in zip(codes, sums, *known, strict=True):
            share = 1.0 / (1.0 + exp(-total)) if -FARTHEST < total < FARTHEST else float(total > 0)
            gradient[code] += weight * (label - share)
            curve[code] += weight * share * (1 - share)
        return gradient, curve

    def moved(self, sums: Rows, codes: Rows, steps: Sequence[float]) -> Rows:
        """Add to each row's sum the step of its bin."""
        return [total + steps[code] for total, code in zip(sums, codes, strict=True)]


class ArrayKernel:
    """The same on arrays."""

    def codes(self, codes: Sequence[int]) -> Rows:
        """Lay bin numbers out."""
        return np.asarray(codes, dtype=np.intp)

    def floats(self, values: Sequence[float]) -> Rows:
        """Lay numbers out."""
        return np.asarray(values, dtype=np.float64)

    def slopes(self, codes: Rows, size: int, sums: Rows, known: Known) -> tuple[list[float], list[float]]:
        """Give gradient and curvature of the log likelihood by bin."""
        share = 1.0 / (1.0 + np.exp(-np.clip(sums, -FARTHEST, FARTHEST)))
        gradient = np.bincount(codes, known.weights * (known.labels - share), size)
        return gradient.tolist(), np.bincount(codes, known.weights * share * (1.0 - share), size).tolist()

    def moved(self, sums: Rows, codes: Rows, steps: Sequence[float]) -> Rows:
        """Add to each row's sum the step of its bin."""
        return sums + np.asarray(steps)[codes]


KERNEL: Kernel = ArrayKernel() if FAST else PlainKernel()
