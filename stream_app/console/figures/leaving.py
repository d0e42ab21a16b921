"""Behaviour before churn 流失前消费行为分析: what the indicators read before customers left, beside those who stayed.

Each outcome stands for `weight` customers. Groups of fewer than `FEWEST` outcomes are not told: a figure is no person.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from stream_app.console.figures.stored import ALL, BRANCHES, NO_BRANCH, Value
from stream_app.console.store.read_tables import Outcome

FEWEST = 5
NEWEST = 20_000  # outcomes of either kind that are looked at
QUARTERS = (25, 50, 75)
Place = tuple[int, str, bool]  # days before, indicator, left


class Seen:
    """What was seen in a group of customers: how many stand behind each value."""

    def __init__(self) -> None:
        self.outcomes: Counter[bool] = Counter()
        self.weights: dict[Place, dict[int, int]] = defaultdict(dict)
        self.gaps: Counter[Place] = Counter()

    def add(self, row: Any) -> None:  # noqa: ANN401 - a row
        """Take in an outcome."""
        self.outcomes[row.left] += 1
        for look in row.before:
            for name, value in look["indicators"].items():
                place = (int(look["days_before"]), name, bool(row.left))
                if value is None:
                    self.gaps[place] += row.weight
                else:
                    weights = self.weights[place]
                    weights[value] = weights.get(value, 0) + row.weight

    def join(self, other: "Seen") -> None:
        """Take in what was seen in another group."""
        self.outcomes.update(other.outcomes)
        self.gaps.update(other.gaps)
        for place, weights in other.weights.items():
            own = self.weights[place]
            for value, weight in weights.items():
                own[value] = own.get(value, 0) + weight

    def told(self) -> Value:
        """Give what is stored: counts, and by indicator and days before the figures of who left and who stayed."""
        enough = {left for left, count in self.outcomes.items() if count >= FEWEST}
        found: Value = {"left": self.outcomes[True], "stayed": self.outcomes[False], "indicators": {}}
        for (days, name, left), weights in sorted(self.weights.items()):
            if left in enough:
                told = described(weights) | {"gaps": self.gaps[days, name, left]}
                found["indicators"].setdefault(name, {}).setdefault(str(days), {})["left" if left else "stayed"] = told
        return found


def leaving(connection: Connection, since: date) -> Value:
    """Describe what was seen before the outcomes from a day on, the newest of them."""
    branches: dict[str, Seen] = defaultdict(Seen)
    for row in _outcomes(connection, since):
        branches[row.branch_id or NO_BRANCH].add(row)
    whole = Seen()
    for seen in branches.values():
        whole.join(seen)
    return {ALL: whole.told(), BRANCHES: {name: seen.told() for name, seen in branches.items()}}


def described(weights: Mapping[int, int]) -> Value:
    """Give mean, in hundredths, and quartiles of weighted whole numbers: a quartile is a value that was seen."""
    heads = sum(weights.values())
    mean_hundredths = round(100 * sum(value * weight for value, weight in weights.items()) / heads)
    return {"heads": heads, "mean_hundredths": mean_hundredths, "quartiles": list(_quantiles(weights, heads))}


def _quantiles(weights: Mapping[int, int], heads: int) -> Iterator[int]:
    ranked, below = sorted(weights.items()), 0
    wanted = list(QUARTERS)
    for value, weight in ranked:
        below += weight
        while wanted and 100 * below >= wanted[0] * heads:
            wanted.pop(0)
            yield value


def _outcomes(connection: Connection, since: date) -> Iterator[Any]:
    columns = (Outcome.left, Outcome.weight, Outcome.branch_id, Outcome.before)
    for left in (True, False):
        query = (
            select(*columns)
            .where(Outcome.outcome_on >= since, Outcome.left.is_(left))
            .order_by(Outcome.outcome_on.desc(), Outcome.fact_id)
            .limit(NEWEST)
        )
        yield from connection.execute(query)
