"""A candidate policy beside the live one: what it would change, for whom, and what work that would make.

Rule: nothing here decides. Two standings of the same customer are compared, one under each policy, and counted; the
order in which customers come does not matter.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import structs

from stream_app.core import closing, engine, offers
from stream_app.core.facts import ChurnRiskChanged, Fact, TierChanged
from stream_app.core.policy import Policy, PolicySet
from stream_app.core.state import LEVELS, Clock, Subscriber

NO_BRANCH = ""
EXAMPLES = 3  # customers named for each move: those whose ids sort first
CALLED_FROM = LEVELS.index("high")  # a level from which on a phone manager is given a task


class Standing(NamedTuple):
    """How a customer stands under a policy."""

    tier: str | None
    level: str
    value_class: str = "none"


class Move(NamedTuple):
    """A difference between the two policies: `of` is tier, level or class."""

    of: str
    live: str | None
    candidate: str | None


def standing(sub: Subscriber) -> Standing:
    """Give how a customer stands."""
    return Standing(sub.tier, LEVELS[sub.risk.level if sub.risk is not None else 0], offers.value_class(sub))


def is_task(fact: Fact) -> bool:
    """Tell whether a fact gives a phone manager something to do: a risk that rose to high, or a tier lost."""
    if isinstance(fact, ChurnRiskChanged):
        level = LEVELS.index(fact.to_level)
        return level >= CALLED_FROM and level > LEVELS.index(fact.from_level)
    return isinstance(fact, TierChanged) and fact.direction == "down" and fact.reason != "left"


class Switch:
    """The candidate in force now, and as if it had been at the closes that can be corrected; one for a partition.

    Without the latter it would change no official tier before the next close.
    """

    def __init__(self, clock: Clock, policies: PolicySet, candidate: Policy) -> None:
        self._clock, self._policies = clock, policies
        self._both = PolicySet([*policies.versions, candidate])
        tick = clock.tick
        self._after = clock
        if tick is not None:
            turned = structs.replace(
                tick, serial=tick.serial + 1, version=candidate.version, turns=True, policy_changed=True
            )
            self._after = structs.replace(clock, tick=turned, pending=[turned], closings=[(0, candidate.version)])

    def try_on(self, sub: Subscriber, subscriber_id: str) -> tuple[Standing, Standing, list[Fact]]:
        """Give a customer's standing now and under the candidate, and what would be told; `sub` is used up."""
        engine.catch_up(sub, subscriber_id, self._clock, self._policies)
        now = standing(sub)
        tick = self._after.tick
        if tick is None or engine.is_blank(sub):
            return now, now, []
        closing.recalculate(sub, tick, self._after, self._both)
        facts = engine.catch_up(sub, subscriber_id, self._after, self._both)
        return now, standing(sub), facts


class Comparison:
    """Counts what differs between the live policy and a candidate."""

    def __init__(self, day_of: Callable[[datetime], int], capacity: Callable[[str], int]) -> None:
        self.customers = self.changed = 0
        self.moves: Counter[Move] = Counter()
        self.examples: defaultdict[Move, list[str]] = defaultdict(list)
        self.by_branch: defaultdict[str, Counter[Move]] = defaultdict(Counter)
        self.live_tasks, self.tasks = Tasks(day_of, capacity), Tasks(day_of, capacity)
        self._capacity = capacity

    def compare(self, subscriber_id: str, branch_id: str | None, live: Standing, candidate: Standing) -> None:
        """Count a customer."""
        self.customers += 1
        self.changed += live != candidate
        for of, here, there in zip(("tier", "level", "class"), live, candidate, strict=True):
            if here != there:
                move = Move(of, here, there)
                self.moves[move] += 1
                self.by_branch[branch_id or NO_BRANCH][move] += 1
                self.examples[move] = sorted([*self.examples[move], subscriber_id])[:EXAMPLES]

    def report(self) -> dict[str, Any]:
        """Give what was counted as plain lists, the largest first."""
        return {
            "customers": self.customers,
            "changed": self.changed,
            "moves": [
                {**move._asdict(), "customers": count, "examples": self.examples[move]}
                for move, count in sorted(self.moves.items(), key=_largest_first)
            ],
            "branches": [self._branch(name) for name in sorted({*self.by_branch, *self.live_tasks, *self.tasks})],
        }

    def _branch(self, name: str) -> dict[str, object]:
        moves = [
            {**move._asdict(), "customers": count}
            for move, count in sorted(self.by_branch[name].items(), key=_largest_first)
        ]
        return {
            "branch_id": name or None,
            "capacity_a_day": self._capacity(name),
            "tasks_live": self.live_tasks.load(name),
            "tasks_candidate": self.tasks.load(name),
            "moves": moves,
        }


class Tasks:
    """Counts tasks by branch and local day."""

    def __init__(self, day_of: Callable[[datetime], int], capacity: Callable[[str], int]) -> None:
        self._day_of, self._capacity = day_of, capacity
        self._days: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def __iter__(self) -> Iterator[str]:
        """Name the branches that have tasks."""
        return iter(self._days)

    def note(self, fact: Fact) -> None:
        """Count a fact if it makes a task."""
        if is_task(fact):
            self._days[fact.branch_id or NO_BRANCH][self._day_of(fact.occurred_at)] += 1

    def load(self, branch_id: str) -> Mapping[str, int]:
        """Give a branch's tasks: all, on the busiest day, and the days with more than it can do."""
        days = self._days.get(branch_id, Counter())
        capacity = self._capacity(branch_id)
        return {
            "total": days.total(),
            "busiest_day": max(days.values(), default=0),
            "days_over_capacity": sum(count > capacity for count in days.values()),
        }


def _largest_first(entry: tuple[Move, int]) -> tuple[int, str]:
    return -entry[1], str(entry[0])
