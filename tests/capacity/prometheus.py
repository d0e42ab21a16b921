"""A real Prometheus of our own with the rules that are shipped, and its HTTP API."""

import json
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from stream_app.local.child import Child
from stream_app.local.ports import LOOPBACK, free_port

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rules"
SCRAPE_SECONDS = 2
LONGEST_SECONDS, LOOK_SECONDS, PATIENCE_SECONDS = 60.0, 0.1, 20.0
MISSING = "there is no prometheus on this machine: apt-get install prometheus, and stop the service it starts"


class Scraped(NamedTuple):
    """A program whose metrics are read: its job and instance, as the rules know them, and its port."""

    job: str
    instance: str
    port: int


class Series(NamedTuple):
    """Values over time, with the labels they go by."""

    labels: Mapping[str, str]
    points: Sequence[tuple[float, float]]


class Prometheus:
    """The API of a running Prometheus."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, **given: str | float) -> Any:
        """Ask, and give the answer's data; raises URLError while nobody answers."""
        words = urllib.parse.urlencode(given)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{words}", timeout=LONGEST_SECONDS) as answer:  # noqa: S310 - our own address
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refusal:
            said = json.load(refusal)["error"]
            message = f"{given.get('query', path)}: {said}"
            raise ValueError(message) from None

    def series(self, query: str, begin: float, end: float, step: float = SCRAPE_SECONDS) -> list[Series]:
        """Run a query over a while, in seconds since 1970."""
        found = self.ask("query_range", query=query, start=begin, end=end, step=step)["result"]
        return [Series(each["metric"], [(at, float(value)) for at, value in each["values"]]) for each in found]

    def value(self, query: str, at: float) -> float | None:
        """Run a query at one instant; gives the first value, None where there is none."""
        found = self.ask("query", query=query, time=at)["result"]
        return float(found[0]["value"][1]) if found else None


@contextmanager
def running_prometheus(folder: Path, scraped: Sequence[Scraped]) -> Iterator[Prometheus]:
    """Run a Prometheus that reads these programs, its data in a folder; it does not outlive us."""
    program = shutil.which("prometheus")
    if program is None:
        raise FileNotFoundError(MISSING)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prometheus.yml").write_text(yaml.safe_dump(_settings(scraped)), encoding="utf-8")
    port = free_port()
    command = [program, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
               f"--web.listen-address={LOOPBACK}:{port}", "--log.level=warn"]  # fmt: skip
    child = Child(command, folder, folder / "log", None)
    try:
        yield _answering(Prometheus(f"http://{LOOPBACK}:{port}"), child, folder)
    finally:
        child.stop(PATIENCE_SECONDS)


def _settings(scraped: Sequence[Scraped]) -> dict[str, Any]:
    jobs = sorted({each.job for each in scraped})
    return {
        "global": {"scrape_interval": f"{SCRAPE_SECONDS}s", "evaluation_interval": f"{SCRAPE_SECONDS}s",
                   "external_labels": {"docs": "docs"}},
        "rule_files": [str(RULES / "*.yml")],
        "scrape_configs": [
            {"job_name": job, "static_configs": [
                {"targets": [f"{LOOPBACK}:{each.port}"], "labels": {"instance": each.instance}}
                for each in scraped if each.job == job
            ]}
            for job in jobs
        ],
    }  # fmt: skip


def _answering(prometheus: Prometheus, child: Child, folder: Path) -> Prometheus:
    until = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            prometheus.ask("status/runtimeinfo")
        except (urllib.error.URLError, ConnectionError, ValueError) as refusal:
            if child.exit_code is not None or time.monotonic() > until:
                message = f"Prometheus does not answer: {(folder / 'log').read_text(errors='replace')[-2000:]}"
                raise RuntimeError(message) from refusal
            time.sleep(LOOK_SECONDS)
        else:
            return prometheus
