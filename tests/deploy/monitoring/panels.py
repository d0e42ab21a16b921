"""The panels of the dashboards as they are checked in."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.deploy.monitoring.tools import GRAFANA

BOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((GRAFANA / "dashboards").glob("*.json"))
}


class Asked(NamedTuple):
    """What a panel asks Prometheus."""

    board: str
    title: str
    expr: str


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give all panels but the heads of rows, each with its dashboard's name."""
    for name, board in BOARDS.items():
        yield from ((name, panel) for panel in board["panels"] if panel["type"] != "row")


def asked() -> list[Asked]:
    """Give all queries of all panels."""
    return [Asked(board, panel["title"], target["expr"]) for board, panel in panels() for target in panel["targets"]]


def filled(expr: str, values: Mapping[str, str]) -> str:
    """Fill an expression's variables in, as Grafana does."""
    for name, value in values.items():
        expr = expr.replace(f"${name}", value)
    return expr
