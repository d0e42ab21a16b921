"""Who works at the desk of the load test: phone managers who call, at once and not in hours, and what tells them."""

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path

from stream_app.commands.common import load_policies
from stream_app.console.access.users import NewUser, add_user
from stream_app.console.cases.queue import my_tasks
from stream_app.console.cases.results import Refused, record
from stream_app.console.clock import wall_now
from stream_app.console.desk import Desk
from stream_app.console.store.database import open_engine, reading
from stream_app.console.store.migrate import migrate
from stream_app.core.policy import PolicySet
from stream_app.demo.crew import result_of

MANAGERS, CALLS_AT_ONCE, PAUSE_SECONDS = 5, 2, 3.0


def open_desk(file: Path) -> Desk:
    """Make a desk's database in a file; it is the process's to serve."""
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    return Desk(engine, PolicySet(load_policies([])), wall_now)


def take_on(desk: Desk, count: int = MANAGERS) -> list[str]:
    """Let phone managers in, of all branches and tiers."""
    users = [NewUser(f"manager-{number}", f"Manager {number}", "manager", None, (), 10_000) for number in range(count)]
    return [add_user(desk, user, secrets.token_urlsafe(12)) for user in users]


async def keep_calling(desk: Desk, managers: Sequence[str]) -> None:
    """Have each do some of the calls that are open, again and again, until cancelled."""
    while True:
        await asyncio.to_thread(_call, desk, managers)
        await asyncio.sleep(PAUSE_SECONDS)


def _call(desk: Desk, managers: Sequence[str]) -> None:
    policy = desk.policies.in_force(desk.now())
    for manager in managers:
        with reading(desk.engine) as connection:
            tasks = my_tasks(connection, manager, desk.now(), policy)
        for task in tasks[:CALLS_AT_ONCE]:
            try:
                record(desk, task.case_id, manager, result_of(task), task.version)
            except Refused:
                continue  # quiet hours, or the case moved on
