"""What was written from the code is as the code would write it now: `python -m deploy.kubernetes.source.write`."""

from deploy.kubernetes.source.write import documents
from tests.house.sources import ROOT


def test_what_was_written_from_the_code_is_as_it_would_be_written_now() -> None:
    texts = documents()
    stale = [str(path.relative_to(ROOT)) for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
    assert stale == []


def test_each_dashboard_becomes_a_config_map() -> None:
    text = (ROOT / "deploy" / "grafana" / "kustomization.yaml").read_text(encoding="utf-8")
    dashboards = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
    assert dashboards
    assert [path.name for path in dashboards if f"dashboards/{path.name}" not in text] == []
