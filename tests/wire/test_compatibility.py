"""A change that old records or present readers would not survive is refused; any other passes."""

import copy
from typing import Any

import pytest

from stream_app.wire.compatibility import incompatible

OLD: dict[str, Any] = {
    "type": "object",
    "title": "a",
    "properties": {
        "kind": {"type": "string", "enum": ["a", "b"]},
        "note": {"type": ["string", "null"], "minLength": 1, "maxLength": 9, "pattern": "^n", "default": "n"},
        "count": {"type": "integer", "minimum": 0, "maximum": 9},
        "free": {"type": "integer"},
        "fixed": {"const": 1},
        "any": {},
        "list": {"type": "array", "items": {"type": "integer", "minimum": 0}, "maxItems": 3},
        "map": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 5}},
    },
    "required": ["kind", "count"],
    "anyOf": [{"required": ["note"]}, {"required": ["free"]}],
}


def changed(path: str, value: object) -> dict[str, Any]:
    new = copy.deepcopy(OLD)
    *steps, last = path.split("/")
    node = new
    for step in steps:
        node = node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return new


Change = tuple[str, object, str]
NARROWER: list[Change] = [
    ("required", ["kind", "count", "free"], "free: required field added"),
    ("properties/free", None, "free: field removed"),
    ("properties/note/type", "string", "note: type narrowed"),
    ("properties/free/type", "string", "free: type narrowed"),
    ("properties/any/type", "string", "any: type narrowed"),
    ("properties/kind/enum", ["a"], "kind: enum narrowed"),
    ("properties/free/enum", [1, 2], "free: enum narrowed"),
    ("properties/fixed/const", 2, "fixed: enum narrowed"),
    ("properties/count/minimum", 1, "count: minimum narrowed"),
    ("properties/count/maximum", 8, "count: maximum narrowed"),
    ("properties/free/minimum", 0, "free: minimum narrowed"),
    ("properties/free/maximum", 0, "free: maximum narrowed"),
    ("properties/note/minLength", 2, "note: minLength narrowed"),
    ("properties/note/maxLength", 8, "note: maxLength narrowed"),
    ("properties/note/pattern", "^nn", "note: pattern narrowed"),
    ("properties/list/maxItems", 2, "list: maxItems narrowed"),
    ("properties/list/items/minimum", 1, "list[]: minimum narrowed"),
    ("properties/map/additionalProperties/maxLength", 4, "map.*: maxLength narrowed"),
    ("properties/any/items", {"type": "string"}, "any: items narrowed"),
    ("anyOf", [{"required": ["note"]}], "record: anyOf narrowed"),
]
JUDGED_BY_NOBODY: list[Change] = [
    ("properties/note/default", "m", "note: default changed"),
    ("properties/note/default", None, "note: default changed"),
    ("allOf", [{"required": ["note"]}], "record: allOf changed"),
    ("properties/free/multipleOf", 2, "free: multipleOf changed"),
]
WIDER: list[Change] = [
    ("properties/free/type", ["integer", "null"], "free: type widened"),
    ("properties/kind/enum", ["a", "b", "c"], "kind: enum widened"),
    ("properties/kind/enum", None, "kind: enum widened"),
    ("properties/count/minimum", -1, "count: minimum widened"),
    ("properties/count/maximum", None, "count: maximum widened"),
    ("properties/note/pattern", None, "note: pattern widened"),
    ("properties/list/items", None, "list: items widened"),
    ("anyOf", [{"required": ["note"]}, {"required": ["free"]}, {"required": ["any"]}], "record: anyOf widened"),
]
HARMLESS = [
    ("title", "b"),
    ("description", "in other words"),
    ("properties/more", {"type": "string"}),
    ("properties/kind/examples", ["a"]),
]


@pytest.mark.parametrize(("path", "value", "problem"), NARROWER + JUDGED_BY_NOBODY)
def test_what_would_refuse_an_old_record_is_refused(path: str, value: object, problem: str) -> None:
    assert incompatible(OLD, changed(path, value)) == [problem]


@pytest.mark.parametrize(("path", "value", "problem"), WIDER + JUDGED_BY_NOBODY)
def test_what_a_reader_of_facts_does_not_know_is_refused(path: str, value: object, problem: str) -> None:
    assert incompatible(OLD, changed(path, value), outbound=True) == [problem]


@pytest.mark.parametrize(("path", "value", "_problem"), WIDER)
def test_what_comes_in_may_get_wider(path: str, value: object, _problem: str) -> None:
    assert incompatible(OLD, changed(path, value)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties/note/type", "string"),
        ("properties/kind/enum", ["a"]),
        ("properties/count/maximum", 8),
        ("properties/free/minimum", 0),
        ("properties/note/minLength", 2),
        ("properties/list/items/minimum", 1),
        ("properties/any/items", {"type": "string"}),
        ("anyOf", [{"required": ["note"]}]),
    ],
)
def test_what_goes_out_may_get_narrower(path: str, value: object) -> None:
    assert incompatible(OLD, changed(path, value), outbound=True) == []


@pytest.mark.parametrize(("path", "value"), HARMLESS)
def test_words_and_new_optional_fields_are_always_free(path: str, value: object) -> None:
    assert incompatible(OLD, changed(path, value)) == []
    assert incompatible(OLD, changed(path, value), outbound=True) == []


def test_a_fact_keeps_its_fields_and_may_have_more() -> None:
    assert incompatible(OLD, changed("properties/free", None), outbound=True) == ["free: field removed"]
    assert incompatible(OLD, changed("required", ["kind"]), outbound=True) == ["count: no longer always there"]
    assert incompatible(OLD, changed("required", ["kind", "count", "free"]), outbound=True) == []


def test_a_schema_is_compatible_with_itself() -> None:
    assert incompatible(OLD, OLD) == []
    assert incompatible(OLD, OLD, outbound=True) == []
