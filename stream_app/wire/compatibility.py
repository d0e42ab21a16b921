"""Which changes of a schema break a promise.

What comes in: every record that was good stays good. What goes out: every record is one that its readers know.
Only the keywords that our models make are judged; a change in any other is refused, because it cannot be judged.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
LEAST, MOST = ("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems")
WORDS = {"$schema", "$id", "title", "description", "examples"}
JUDGED = {
    *LEAST,
    *MOST,
    *WORDS,
    "type",
    "enum",
    "const",
    "pattern",
    "anyOf",
    "properties",
    "required",
    "items",
    "additionalProperties",
}


def incompatible(old: Schema, new: Schema, *, outbound: bool = False) -> list[str]:
    """Say what a change from `old` to `new` breaks; `outbound` for what we publish, as its readers see it."""
    return list(_compare(old, new, "", outbound=outbound))


def _compare(old: Schema, new: Schema, at: str, *, outbound: bool) -> Iterator[str]:
    given, taken = (new, old) if outbound else (old, new)  # all that `given` allows must be allowed by `taken`
    turn = "widened" if outbound else "narrowed"
    yield from (f"{at or 'record'}: {keyword} {turn}" for keyword in _unmet(given, taken))
    yield from (f"{at or 'record'}: {keyword} changed" for keyword in _changed(old, new))
    yield from _fields(old, new, at, outbound=outbound)
    for keyword, step in (("items", "[]"), ("additionalProperties", ".*")):
        if keyword in old and keyword in new:
            yield from _compare(old[keyword], new[keyword], at + step, outbound=outbound)


def _unmet(given: Schema, taken: Schema) -> Iterator[str]:
    if not _types(given) <= _types(taken):
        yield "type"
    if _values(taken) is not None and not _among(_values(given), _values(taken)):
        yield "enum"
    for keyword in LEAST:
        if keyword in taken and given.get(keyword, float("-inf")) < taken[keyword]:
            yield keyword
    for keyword in MOST:
        if keyword in taken and given.get(keyword, float("inf")) > taken[keyword]:
            yield keyword
    if "pattern" in taken and given.get("pattern") != taken["pattern"]:
        yield "pattern"
    if "anyOf" in taken and not _among(given.get("anyOf"), taken["anyOf"]):
        yield "anyOf"
    yield from (keyword for keyword in ("items", "additionalProperties") if keyword in taken and keyword not in given)


def _changed(old: Schema, new: Schema) -> Iterator[str]:
    for keyword in sorted((old.keys() | new.keys()) - JUDGED):
        if old.get(keyword) != new.get(keyword):
            yield keyword


def _fields(old: Schema, new: Schema, at: str, *, outbound: bool) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before:
        path = f"{at}.{name}" if at else name
        if name not in after:
            yield f"{path}: field removed"
        else:
            yield from _compare(before[name], after[name], path, outbound=outbound)
    had, has = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(had - has if outbound else has - had):
        yield f"{at}.{name}".lstrip(".") + (": no longer always there" if outbound else ": required field added")


def _types(schema: Schema) -> set[str]:
    stated = schema.get("type", ["null", "boolean", "integer", "number", "string", "array", "object"])
    return {stated} if isinstance(stated, str) else set(stated)


def _values(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _among(given: list[Any] | None, taken: list[Any] | None) -> bool:
    return given is not None and taken is not None and all(value in taken for value in given)
