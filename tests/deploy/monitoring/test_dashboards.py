"""The dashboards: as the source has them, whole, and asking for nothing that nobody exports."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.source.parts import DOCS
from deploy.grafana.source.write import FOLDER, written
from stream_app.worker.catalogue import PREFIX
from tests.deploy.monitoring.anchors import leads_somewhere
from tests.deploy.monitoring.names import unknown
from tests.deploy.monitoring.panels import BOARDS, asked, filled, panels
from tests.deploy.monitoring.tools import GRAFANA, said
from tests.house.sources import ROOT

PANELS = [pytest.param(panel, id=f"{board}-{panel['id']}") for board, panel in panels()]
VARIABLES = {"instance", "__rate_interval"}
OF_A_WORKER = {"partition", "instance"}


def test_what_is_checked_in_is_what_the_source_says() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == dict(written()), (
        "run `make dashboards`"
    )


def test_the_address_of_the_documents_can_be_another_one() -> None:
    for _, text in written("https://docs.test"):
        assert "https://docs.test" in text
        assert DOCS not in text


@pytest.mark.parametrize("board", BOARDS)
def test_grafanas_own_model_reads_the_file_and_has_the_same_to_say(board: str) -> None:
    read = Dashboard.from_json(BOARDS[board])
    assert (read.uid, read.title) == (BOARDS[board]["uid"], BOARDS[board]["title"])
    assert len(read.panels or []) == len(BOARDS[board]["panels"])


@pytest.mark.parametrize("board", BOARDS)
def test_panels_have_ids_and_places_of_their_own(board: str) -> None:
    ids = [panel["id"] for panel in BOARDS[board]["panels"]]
    assert sorted(ids) == list(range(1, len(ids) + 1))
    taken: set[tuple[int, int]] = set()
    for panel in BOARDS[board]["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_says_what_it_shows_in_which_unit_and_by_which_names(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert len(panel["description"]) > len("In words.")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert all(target["legendFormat"] for target in panel["targets"])
    assert panel["type"] != "timeseries" or panel["options"]["legend"]["showLegend"]


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_links_to_a_page_that_is_there(panel: dict[str, Any]) -> None:
    [link] = panel["links"]
    assert link["url"].startswith("${docs:raw}/")
    assert leads_somewhere(link["url"].removeprefix("${docs:raw}/")), link["url"]


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_asks_for_nothing_that_nobody_exports(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        assert unknown(target["expr"]) == set()
        assert set(re.findall(r"\$\{?(\w+)", target["expr"])) <= VARIABLES


def test_prometheus_can_read_what_panels_ask(tmp_path: Path) -> None:
    values = {"__rate_interval": "1m", "instance": ".+"}
    read = [{"record": f"panel:{number}", "expr": filled(each.expr, values)} for number, each in enumerate(asked())]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": read}]}), encoding="utf-8")
    assert f"{len(read)} rules found" in said("promtool", "check", "rules", "--lint=none", file)


def test_what_a_worker_shows_of_its_partitions_is_put_together_unless_workers_are_compared() -> None:
    """A partition's gauge is shown by the worker that has it: alone, it says nothing of the system."""
    bare = re.compile(rf"^{PREFIX}\w+(\{{[^}}]*\}})?$")
    alone = [each for each in asked() if each.board in {"business", "pipeline"} and bare.match(each.expr)]
    assert alone == []


def test_a_worker_can_be_looked_at_alone_in_every_panel_of_the_workers() -> None:
    exprs = [each.expr for each in asked() if each.board == "workers"]
    assert exprs
    assert [expr for expr in exprs if expr.count("{") != expr.count('instance=~"$instance"')] == []


@pytest.mark.parametrize("board", BOARDS)
def test_a_dashboard_is_found_narrowed_and_read_by_whom_it_is_for(board: str) -> None:
    found = BOARDS[board]
    assert found["uid"] == f"stream-app-{board}"
    assert "stream-app" in found["tags"]
    assert not found["editable"]
    names = {variable["name"] for variable in found["templating"]["list"]}
    assert names == {"datasource", "docs"} | ({"instance"} if board == "workers" else set())


def test_grafana_is_given_prometheus_alertmanager_and_the_folder_of_dashboards() -> None:
    sources = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text(encoding="utf-8"))
    assert [each["type"] for each in sources["datasources"]] == ["prometheus", "alertmanager"]
    assert all("password" not in str(each).lower() for each in sources["datasources"])
    [provider] = yaml.safe_load(
        (GRAFANA / "provisioning" / "dashboards" / "stream-app.yml").read_text(encoding="utf-8")
    )["providers"]
    path = provider["options"]["path"]
    assert f"dashboards:{path}" in (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
