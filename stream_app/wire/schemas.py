"""The JSON Schemas and the AsyncAPI document, generated from the models into a folder and held to what is released.

``<topic>/<type>.schema.json`` and ``asyncapi.yaml`` are generated; ``released/<version>/`` keeps the schemas of each
release, which new ones may only widen for what comes in and narrow for what goes out.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stream_app.core.events import CLOCK_TOPIC, TOPIC_OF_TYPE
from stream_app.core.facts import FACT_TOPICS
from stream_app.wire.asyncapi import asyncapi_text
from stream_app.wire.compatibility import incompatible
from stream_app.wire.decode import EVENT_MODELS
from stream_app.wire.models import ClockTicked, Part
from stream_app.wire.models_facts import FACT_MODELS, CloudEventHeaders, DeadLetterHeaders
from stream_app.wire.schema_text import json_schema, json_text

RELEASED = "released"
HEADER_SCHEMAS: Mapping[str, type[Part]] = {
    "headers/cloud-event.schema.json": CloudEventHeaders,
    "headers/dead-letter.schema.json": DeadLetterHeaders,
}


def schema_models() -> dict[str, type[Part]]:
    """Give the model behind each schema file."""
    models: dict[str, type[Part]] = dict(HEADER_SCHEMAS)
    models[_file(CLOCK_TOPIC, ClockTicked.type_name())] = ClockTicked
    for name, model in EVENT_MODELS.items():
        models[_file(TOPIC_OF_TYPE[name], name)] = model
    for topic, kinds in FACT_MODELS.items():
        models.update({_file(topic, kind.type_name()): kind for kind in kinds})
    return models


def generated() -> dict[str, str]:
    """Give the text of every generated file, by its path in the folder."""
    schemas = {path: json_text(json_schema(model, path)) for path, model in schema_models().items()}
    return schemas | {"asyncapi.yaml": asyncapi_text(list(schemas))}


def write(folder: Path) -> list[Path]:
    """Write the generated files that differ; give those written."""
    stale = {folder / path: text for path, text in generated().items() if _read(folder / path) != text}
    for path, text in stale.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(stale)


def check(folder: Path) -> list[str]:
    """Say what is wrong in the folder: files not as generated, files of no model, changes a release forbids."""
    return [*_drift(folder), *_broken_promises(folder)]


def release(folder: Path, version: str) -> None:
    """Keep the schemas of a release for good; raises FileExistsError where the version has some already."""
    for path, text in generated().items():
        target = folder / RELEASED / version / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)


def _drift(folder: Path) -> Iterator[str]:
    texts = generated()
    for path, text in texts.items():
        if _read(folder / path) != text:
            yield f"{path} is not what the models say: run `stream-app schemas write`"
    for found in sorted(folder.rglob("*.schema.json")):
        path = found.relative_to(folder).as_posix()
        if path not in texts and not path.startswith(f"{RELEASED}/"):
            yield f"{path} belongs to no model: remove it"


def _broken_promises(folder: Path) -> Iterator[str]:
    for release_folder in sorted((folder / RELEASED).glob("*/")):
        for found in sorted(release_folder.rglob("*.schema.json")):
            path = found.relative_to(release_folder).as_posix()
            for problem in _changes(path, json.loads(found.read_text(encoding="utf-8"))):
                yield f"{path}, released in {release_folder.name}: {problem}: make it a new type or version"


def _changes(path: str, released: dict[str, Any]) -> list[str]:
    model = schema_models().get(path)
    if model is None:
        return ["removed"]
    outbound = path.split("/", maxsplit=1)[0] in {*FACT_TOPICS, "headers"}
    return incompatible(released, json_schema(model, path), outbound=outbound)


def _file(topic: str, name: str) -> str:
    return f"{topic}/{name}.schema.json"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
