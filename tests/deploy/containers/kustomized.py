"""What kustomize makes of our overlays, and what of it runs."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tests.deploy.containers.tools import installed
from tests.house.sources import ROOT

FOLDER: Final = ROOT / "deploy" / "kubernetes"
OVERLAYS: Final = ("base", "small", "province", "existing-kafka")

Object = Mapping[str, Any]


@cache
def objects(overlay: str) -> tuple[Object, ...]:
    """Build an overlay."""
    return built(FOLDER / overlay)


def built(folder: Path) -> tuple[Object, ...]:
    program = installed("kubectl", "kustomize")
    words = [program, "kustomize" if program.endswith("kubectl") else "build", str(folder)]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stderr == ""  # a warning of something that goes out of use
    return tuple(yaml.safe_load_all(said.stdout))


def of_kind(overlay: str, *kinds: str) -> list[Object]:
    return [each for each in objects(overlay) if each["kind"] in kinds]


def templates(overlay: str) -> Iterator[tuple[str, Object]]:
    """Give what is to run, by name: the pods that a StatefulSet, Deployment or Job makes."""
    for each in of_kind(overlay, "StatefulSet", "Deployment", "Job"):
        yield each["metadata"]["name"], each["spec"]["template"]


def ours(overlay: str) -> Iterator[tuple[str, Object, Object]]:
    """Give the containers of our own image: the object's name, the pod, the container."""
    for name, template in templates(overlay):
        for container in template["spec"]["containers"]:
            if re.fullmatch(r"(.+/)?stream-app([:@].+)?", container["image"]):
                yield name, template, container


def environment(overlay: str, container: Object) -> dict[str, str]:
    """Give a container's variables as far as they are written down; secrets are not."""
    maps = {each["metadata"]["name"]: each["data"] for each in of_kind(overlay, "ConfigMap")}
    found: dict[str, str] = {}
    for source in container.get("envFrom", []):
        found |= maps[source["configMapRef"]["name"]]
    for variable in container.get("env", []):
        given = variable.get("valueFrom", {}).get("configMapKeyRef")
        found[variable["name"]] = maps[given["name"]][given["key"]] if given else variable.get("value", "pod-0")
    return {name: value.replace("$(POD_NAME)", found.get("POD_NAME", "")) for name, value in found.items()}


def picks(selector: Object, labels: Mapping[str, str]) -> bool:
    """Tell whether a selector, of labels or of expressions with In, picks these labels."""
    expressions = selector.get("matchExpressions", [])
    assert all(each["operator"] == "In" for each in expressions)
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(each["key"]) in each["values"] for each in expressions
    )
