"""How long phone managers wait for their pages, twenty at once on one core: `python -m tests.bench.desk_load`.

The desk runs as shipped, pinned to one core; Kafka and the browsers' part are on the others. Each of them looks at the
tasks, opens a customer, unfolds the form of a result, reports one, and has the list anew as an open page does, with a
pause before each as people make (`--pause 0`: none).
"""

import asyncio
import os
import re
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import httpx
from sqlalchemy import delete

from stream_app.commands.common import default_policy, load_policies
from stream_app.console.access.users import NewUser, add_user
from stream_app.console.cases.opening import act
from stream_app.console.desk import Desk
from stream_app.console.readmodel.project import project
from stream_app.console.store.database import open_engine, writing
from stream_app.console.store.migrate import migrate
from stream_app.console.store.read_tables import Position
from stream_app.core.policy import PolicySet
from stream_app.local import LocalKafka
from tests.console.readmodel.records import Topics, in_batches
from tests.e2e.desks import DeskOfASystem, desk_of
from tests.e2e.live import system

PASSWORD = "a password of the bench"  # noqa: S105 - of a desk that lives for a minute
AT_ONCE = 2_000
FROM_THE_LIST = {"hx-request": "true"}
CASE = re.compile(r'hx-get="/tasks/([^/"]+)/result"')
VERSION = re.compile(r'name="version" value="(\d+)"')
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
Waits = defaultdict[str, list[float]]


def fill(desk: Desk, managers: int, customers: int) -> None:
    """Make managers, one a branch, and customers with half a year of months; one in fifty is at risk."""
    for number in range(managers):
        add_user(
            desk, NewUser(f"m{number}", f"Manager {number}", "manager", f"b{number}", capacity_a_day=1000), PASSWORD
        )
    topics, whose = Topics(), [f"s{number}" for number in range(customers)]
    at = desk.now()
    months = [f"{(at - timedelta(days=31 * back)):%Y-%m}" for back in range(6, 0, -1)]
    told = [
        topics.event("subscriber.activated", each, at, branch_id=f"b{n % managers}", plan="p58")
        for n, each in enumerate(whose)
    ]
    told += [topics.month(each, month) for month in months for each in whose]
    told += [topics.tier(each, "C4") for each in whose]
    at_risk = [(n, each) for n, each in enumerate(whose) if n // managers % 50 == 0]
    told += [
        topics.fact("churn_risk.changed", each, at, to="high", branch_id=f"b{n % managers}") for n, each in at_risk
    ]
    for batch in in_batches(told, AT_ONCE):
        with writing(desk.engine) as connection:
            project(connection, desk, batch, act=act)
    with writing(desk.engine) as connection:
        connection.execute(delete(Position))  # the topics of the bench hold none of it


class Person:
    """A phone manager at a browser."""

    def __init__(self, address: str, number: int, pause_seconds: float, waits: Waits) -> None:
        self._browser = httpx.AsyncClient(base_url=address, follow_redirects=True, timeout=60)
        self._number, self._pause, self._waits = number, pause_seconds, waits

    async def work(self, rounds: int) -> None:
        """Log in, and do so many rounds."""
        async with self._browser:
            page = (await self._browser.get("/login")).text
            token = re.search(r'name="form_token" value="([^"]+)"', page)
            assert token is not None, page
            given = {"login": f"m{self._number}", "password": PASSWORD, "form_token": token[1], "next": "/tasks"}
            await self._post("log in", "/login", given)
            for _ in range(rounds):
                await self._round()

    async def _round(self) -> None:
        page = await self._get("tasks", "/tasks")
        whose = re.search(r'class="id"[^>]* href="/tasks/[^"]+">([^<]+)<', page)
        assert whose is not None, "no task is left: give more customers"
        await self._get("customer", f"/customers/{whose[1]}")
        case = CASE.search(page)
        assert case is not None
        page = await self._get("form", f"/tasks/{case[1]}/result")
        version, csrf = VERSION.search(page), CSRF.search(page)
        assert version is not None
        assert csrf is not None
        given = {"csrf": csrf[1], "version": version[1], "outcome": "refused", "reason": "price"}
        await self._post("result", f"/tasks/{case[1]}/result", given)
        await self._get("list of tasks", "/tasks/list")

    async def _get(self, name: str, path: str) -> str:
        return await self._timed(name, self._browser.build_request("GET", path))

    async def _post(self, name: str, path: str, given: dict[str, str]) -> str:
        return await self._timed(name, self._browser.build_request("POST", path, data=given, headers=FROM_THE_LIST))

    async def _timed(self, name: str, request: httpx.Request) -> str:
        await asyncio.sleep(self._pause)
        began = time.perf_counter()
        answer = await self._browser.send(request)
        self._waits[name].append(time.perf_counter() - began)
        assert answer.status_code == httpx.codes.OK, (name, answer.status_code, answer.text[:300])
        return answer.text


async def load(of: DeskOfASystem, managers: int, rounds: int, pause_seconds: float) -> Waits:
    """Have all managers work at once on a desk pinned to one core."""
    waits: Waits = defaultdict(list)
    async with of.process() as process:
        os.sched_setaffinity(process.pid, {0})
        await of.ready()
        people = [Person(f"http://127.0.0.1:{of.port}", number, pause_seconds, waits) for number in range(managers)]
        began = time.perf_counter()
        await asyncio.gather(*(each.work(rounds) for each in people))
        seconds = time.perf_counter() - began
    count = sum(map(len, waits.values()))
    click.echo(f"{managers} managers, {count} requests in {seconds:.1f} s: {count / seconds:.0f} a second")
    return waits


def told(waits: Waits) -> None:
    """Say how long was waited for what."""
    pages = [wait for name, each in waits.items() if name != "log in" for wait in each]
    for name, seconds in (*waits.items(), ("all but log in", pages)):
        ordered = sorted(seconds)
        at = {share: ordered[min(int(len(ordered) * share / 100), len(ordered) - 1)] * 1000 for share in (50, 95, 99)}
        words = ", ".join(f"p{share} {wait:.0f} ms" for share, wait in at.items())
        click.echo(f"{name:<16} {len(ordered):>6} times: {words}")


@click.command()
@click.option("--managers", default=20, show_default=True)
@click.option("--customers", default=20_000, show_default=True)
@click.option("--rounds", default=15, show_default=True)
@click.option("--pause", default=1.0, show_default=True, help="Seconds before each request.")
def main(managers: int, customers: int, rounds: int, pause: float) -> None:
    """Measure."""
    with LocalKafka() as kafka, tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(kafka.bootstrap, Path(folder), (managers, customers, rounds, pause)))


async def measure(bootstrap: str, folder: Path, size: tuple[int, int, int, float]) -> None:
    """Fill a desk on SQLite and load it."""
    managers, customers, rounds, pause_seconds = size
    engine = open_engine(f"sqlite:///{folder / 'desk.db'}")
    migrate(engine)
    now_at = datetime.now(UTC)
    fill(Desk(engine, PolicySet(load_policies([])), lambda: now_at), managers, customers)
    async with system(bootstrap, default_policy().read_text(encoding="utf-8")) as running:
        own = {"STREAM_APP_DESK_CLOCK": "wall", "STREAM_APP_DESK_COOKIES_SECURE": "false"}
        told(await load(desk_of(running, engine, **own), managers, rounds, pause_seconds))


if __name__ == "__main__":
    main()
