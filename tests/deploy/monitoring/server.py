"""A real Prometheus on this machine, with our rules, that scrapes often: stories last seconds here."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import yaml

from stream_app.local.ports import free_port
from tests.deploy.monitoring.tools import PROMETHEUS, tool
from tests.e2e.live import LONGEST_SECONDS, fetch

EVERY = "1s"


class Server(NamedTuple):
    """Where it listens."""

    port: int

    async def ask(self, expr: str) -> list[tuple[Mapping[str, str], float]]:
        """Evaluate an expression now; gives series that are numbers, each with its labels."""
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{self.port}/api/v1/query"
            async with session.post(url, data={"query": expr}) as answer:
                said: dict[str, Any] = await answer.json()
        assert said["status"] == "success", f"{expr}: {said}"
        found = [(each["metric"], float(each["value"][1])) for each in said["data"]["result"]]
        return [(labels, value) for labels, value in found if not math.isnan(value)]

    async def sums(self, expr: str, label: str) -> dict[str, float]:
        """Evaluate an expression whose series differ in one label."""
        return {labels.get(label, ""): value for labels, value in await self.ask(expr)}

    async def until(self, expr: str) -> None:
        """Wait until an expression has an answer."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while not await self.ask(expr):  # noqa: ASYNC110 - another process's state
                await asyncio.sleep(0.2)

    async def unwell(self) -> list[str]:
        """Name the rules that could not be evaluated, and why."""
        url = f"http://127.0.0.1:{self.port}/api/v1/rules"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            groups = (await answer.json())["data"]["groups"]
        assert groups
        return [f"{rule['name']}: {rule}" for group in groups for rule in group["rules"] if rule["health"] == "err"]


@asynccontextmanager
async def prometheus(folder: Path, targets: Mapping[str, Sequence[int]]) -> AsyncIterator[Server]:
    """Run one over jobs, each with the ports of its targets; leaving ends it."""
    jobs = [
        {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}" for port in ports]}]}
        for job, ports in targets.items()
    ]
    config = {
        "global": {"scrape_interval": EVERY, "evaluation_interval": EVERY, "external_labels": {"docs": "d"}},
        "rule_files": [str(PROMETHEUS / "rules" / "*.yml")],
        "scrape_configs": jobs,
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    server, options = Server(free_port()), ["--storage.tsdb.path", str(folder / "prometheus"), "--log.level=warn"]
    listen = f"--web.listen-address=127.0.0.1:{server.port}"
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            tool("prometheus"), f"--config.file={folder / 'prometheus.yml'}", listen, *options, stdout=log, stderr=log
        )
    try:
        await fetch(server.port, "/-/ready")
        yield server
    finally:
        process.terminate()
        await process.wait()
