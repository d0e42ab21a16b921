"""Simulated phone managers: they call whom the desk tells them to call, and report back, as people would.

Rule: what comes of a call is a function of the case and of how often it was called: no two demos differ in it.
"""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Final

from stream_app.console.cases.queue import Task, my_tasks
from stream_app.console.cases.results import Refused, Result, record
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading

REACHED, ACCEPTED, REFUSED = 0.7, 0.45, 0.75  # shares of calls; the last two of those that reached somebody
HOURS_TO_CALL: Final = (2, 30)  # from a case's opening
WHY_NOT: Final = ("price", "no_need", "moving", "network", "competitor")
COMPETITORS: Final = ("8 yuan cheaper", "handset for free", "double data")


class Crew:
    """Phone managers at work on one desk."""

    def __init__(self, desk: Desk, managers: Sequence[str]) -> None:
        self._desk, self._managers = desk, managers
        self.calls = 0

    def turn(self, spare: frozenset[str] = frozenset()) -> int:
        """Have everybody do the calls that are due; gives how many. Who is spared does none."""
        before, now = self.calls, self._desk.now()
        policy = self._desk.policies.in_force(now)
        for manager in self._managers:
            if manager in spare:
                continue
            with reading(self._desk.engine) as connection:
                tasks = my_tasks(connection, manager, now, policy)
            for task in tasks:
                if task.permission.allowed and now >= task.opened_at + patience(task):
                    self._call(manager, task)
        return self.calls - before

    def _call(self, manager: str, task: Task) -> None:
        try:
            record(self._desk, task.case_id, manager, result_of(task), task.version)
        except Refused:
            return  # the case moved on between the look and the call: the next turn sees how it stands
        self.calls += 1


def patience(task: Task) -> timedelta:
    """Say how long after a case's opening its manager calls."""
    return timedelta(hours=_chance(task).uniform(*HOURS_TO_CALL))


def result_of(task: Task) -> Result:
    """Say what comes of a call."""
    chance = _chance(task)
    chance.random()  # the one that `patience` was drawn by
    if chance.random() >= REACHED:
        return Result("not_reached")
    mood = chance.random()
    if mood < ACCEPTED and task.suggested_measures:
        return Result("accepted", measure=chance.choice(task.suggested_measures[:3]))
    if mood < REFUSED:
        reason = chance.choice(WHY_NOT)
        offer = chance.choice(COMPETITORS) if reason == "competitor" else None
        return Result("refused", reason=reason, competitor_offer=offer)
    return Result("reached", note="will think about it")


def _chance(task: Task) -> Random:
    return Random(f"{task.case_id}/{task.attempts}")
