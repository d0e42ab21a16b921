"""Writes the objects into deploy/kubernetes: `python -m deploy.kubernetes.source.write`; the tests look for drift."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import yaml

from deploy.kubernetes.source.objects import Object, rules, topics, users

DEPLOY: Final = Path(__file__).resolve().parents[2]
HEAD: Final = "# Written by `python -m deploy.kubernetes.source.write`; do not edit.\n"


class _Plain(yaml.SafeDumper):
    """Writes what is there twice twice, not as an alias; kustomize would take either, a reader would not."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def documents() -> Mapping[Path, str]:
    """Give the files to be, by path."""
    folder = DEPLOY / "kubernetes"
    return {
        folder / "kafka" / "topics.yaml": _text(topics()),
        folder / "kafka" / "users.yaml": _text(users()),
        DEPLOY / "grafana" / "kustomization.yaml": _dashboards(DEPLOY / "grafana"),
        folder / "monitoring" / "rules.yaml": _text(rules(DEPLOY / "prometheus" / "rules")),
    }


def _dashboards(folder: Path) -> str:
    """Have kustomize make a config map of each dashboard; it reads no file above its own folder, so this stands there.

    One map a dashboard: a map holds a megabyte at most.
    """
    found = sorted((folder / "dashboards").glob("*.json"))
    content = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "generatorOptions": {"disableNameSuffixHash": True, "labels": {"grafana_dashboard": "1"}},
        "configMapGenerator": [
            {"name": f"stream-app-dashboard-{path.stem}", "files": [f"dashboards/{path.name}"]} for path in found
        ],
    }
    return HEAD + yaml.dump(content, sort_keys=False)


def _text(objects: Iterable[Object]) -> str:
    return HEAD + yaml.dump_all(objects, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
