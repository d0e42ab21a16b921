"""A model's JSON Schema (draft 2020-12) in one tidy form: no references, no generated titles, null beside the type.

`wire.compatibility` compares this form and no other.
"""

import json
from typing import Any

from stream_app.wire.models import Message, Part

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NULL = {"type": "null"}
FIRST_KEYS = ("$schema", "$id", "title", "description", "type", "properties", "required")
Schema = dict[str, Any]


def json_schema(model: type[Part], path: str) -> Schema:
    """Give a model's schema; its `$id` is a URN made of the file's path."""
    raw = model.model_json_schema(by_alias=True)
    name = path.removesuffix(".schema.json")
    title = model.type_name() if issubclass(model, Message) else name
    head = {"$schema": DIALECT, "$id": f"urn:stream-app:{name.replace('/', ':')}", "title": title}
    tidy = head | _tidy(raw, raw.get("$defs", {}))
    return {key: tidy[key] for key in (*FIRST_KEYS, *tidy) if key in tidy}


def json_text(content: Schema) -> str:
    """Write a schema as it is checked in."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _tidy(node: Schema, parts: Schema) -> Schema:
    if "$ref" in node:
        return _tidy(parts[node["$ref"].rsplit("/", 1)[-1]], parts)
    tidy = {
        key: value for key, value in node.items() if key not in {"title", "$defs"} and (key, value) != ("default", None)
    }
    for key in ("items", "additionalProperties"):
        if key in tidy:
            tidy[key] = _tidy(tidy[key], parts)
    if "properties" in tidy:
        tidy["properties"] = {name: _tidy(child, parts) for name, child in tidy["properties"].items()}
    return _nullable(tidy)


def _nullable(node: Schema) -> Schema:
    options = node.get("anyOf", [])
    if len(options) != 2 or options[1] != NULL:  # noqa: PLR2004 - a value or null
        return node
    merged: Schema = {key: value for key, value in node.items() if key != "anyOf"} | options[0]
    merged["type"] = [merged["type"], "null"]
    if "enum" in merged:
        merged["enum"] = [*merged["enum"], None]
    return merged
