"""Pictures of the dashboards: Grafana's own JSON, its queries asked of a Prometheus, its grid; drawn by us.

Rule: nothing is shown that a query did not give. It is not Grafana: colours and legends are near to it, no more.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import async_playwright

from tests.capacity.prometheus import ROOT, SCRAPE_SECONDS, Prometheus, Series

DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"
CHARTS = ROOT / "stream_app" / "console" / "web" / "static" / "vendor" / "chart.umd.min.js"
PAGE = Path(__file__).with_name("draw.html")
POINTS = 240  # of a line, at most: a picture has no more to show
RATE_SECONDS = 5 * SCRAPE_SECONDS  # Grafana's $__rate_interval is four scrapes and a step
WIDTH = 1440
BROWSERS = ("chromium", "chromium-browser", "google-chrome")  # of the machine, else the one that Playwright fetched
FLAGS = ["--no-sandbox", "--disable-gpu"]
LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class While(NamedTuple):
    """A stretch of time, in seconds since 1970."""

    begin: float
    end: float

    @property
    def step_seconds(self) -> float:
        """Give the step between two points."""
        return max(SCRAPE_SECONDS, (self.end - self.begin) / POINTS)


def panels(dashboard: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the panels, those within rows too."""
    return [each for panel in dashboard["panels"] for each in (panel, *panel.get("panels", []))]


def expression(text: str) -> str:
    """Put what Grafana would put in the place of a query's variables."""
    return text.replace("$__rate_interval", f"{RATE_SECONDS}s").replace("$instance", ".+")


def legend(text: str, labels: Mapping[str, str]) -> str:
    """Name a series as its panel says."""
    return LABEL.sub(lambda found: labels.get(found[1], ""), text).strip() or "value"


def asked(prometheus: Prometheus, dashboard: Mapping[str, Any], when: While) -> dict[str, Any]:
    """Give what is drawn: title, and each panel with its place, kind, unit and series."""
    drawn = [_panel(prometheus, panel, when) for panel in panels(dashboard)]
    said = {"title": dashboard["title"], "description": dashboard.get("description", "")}
    return {**said, "panels": drawn, **when._asdict(), "step": when.step_seconds}


def empty(drawn: Mapping[str, Any]) -> list[str]:
    """Name the panels for which no query gave anything."""
    return [panel["title"] for panel in drawn["panels"] if panel["kind"] != "row" and not panel["series"]]


def _panel(prometheus: Prometheus, panel: Mapping[str, Any], when: While) -> dict[str, Any]:
    defaults = panel.get("fieldConfig", {}).get("defaults", {})
    custom = defaults.get("custom", {})
    return {
        "kind": panel["type"],
        "title": panel.get("title", ""),
        "place": panel["gridPos"],
        "unit": defaults.get("unit", "none"),
        "stacked": custom.get("stacking", {}).get("mode") == "normal",
        "thresholds": defaults.get("thresholds", {}).get("steps", []),
        "series": list(_all_series(prometheus, panel, when)),
    }


def _all_series(prometheus: Prometheus, panel: Mapping[str, Any], when: While) -> Iterator[dict[str, Any]]:
    for target in panel.get("targets", []):
        found = prometheus.series(expression(target["expr"]), when.begin, when.end, when.step_seconds)
        if target.get("format") == "heatmap":
            found = _bands(found)
        for each in found:
            points = [(at, value) for at, value in each.points if value == value]  # noqa: PLR0124 - NaN is no point
            if points:
                yield {"name": legend(target.get("legendFormat", ""), each.labels), "points": points}


def _bands(found: Sequence[Series]) -> list[Series]:
    """Take neighbours' counts from each other, as Grafana does with the bands of a histogram; their last values."""
    bands, below = list[Series](), 0.0
    for each in sorted(found, key=lambda series: float(series.labels["le"])):
        at, upto = each.points[-1]
        bands.append(Series(each.labels, [(at, upto - below)]))
        below = upto
    return bands


async def pictures(prometheus: Prometheus, when: While, folder: Path) -> dict[str, list[str]]:
    """Draw every dashboard into a folder; gives the titles of the panels that had nothing to show, by dashboard."""
    without = dict[str, list[str]]()
    async with async_playwright() as playwright:
        own = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = await playwright.chromium.launch(executable_path=own, args=FLAGS)
        for file in sorted(DASHBOARDS.glob("*.json")):
            drawn = asked(prometheus, json.loads(file.read_text(encoding="utf-8")), when)
            page = await browser.new_page(viewport={"width": WIDTH, "height": 900})
            await page.set_content(PAGE.read_text(encoding="utf-8"))
            await page.add_script_tag(path=CHARTS)
            await page.evaluate("drawn => draw(drawn)", drawn)
            await page.screenshot(path=folder / f"dashboards-{file.stem}.png", full_page=True)
            await page.close()
            without[file.stem] = empty(drawn)
        await browser.close()
    return without
