"""What differs between two policies, figure by figure.

Rule: sections are walked as they are, so a figure added later is told of, too. Entries of a list are the same one when
they have the same name or the same bounds, else when they stand at the same place.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from stream_app.core.policy import Policy

NAMES = ("code", "name", "value_class", "version")
Leaf = str | int | float | bool | datetime | None
Path = tuple[str, ...]


class Difference(NamedTuple):
    """A figure that differs; what only one of the two has is None in the other."""

    path: Path  # such as ("tiers", "GOLD", "floor_fen")
    before: Leaf
    after: Leaf


def differences(before: Policy, after: Policy) -> list[Difference]:
    """List the figures that differ, in the order of the sections; those of `after` alone come last."""
    old, new = dict(_leaves(before, ())), dict(_leaves(after, ()))
    return [
        Difference(path, old.get(path), new.get(path))
        for path in dict.fromkeys((*old, *new))
        if _differ(path, old, new)
    ]


def _differ(path: Path, old: Mapping[Path, Leaf], new: Mapping[Path, Leaf]) -> bool:
    return path not in old or path not in new or old[path] != new[path]


def _leaves(value: object, path: Path) -> Iterator[tuple[Path, Leaf]]:
    parts = list(_parts(value))
    for name, part in parts:
        yield from _leaves(part, (*path, name))
    if not parts:
        yield path, _leaf(value)


def _leaf(value: object) -> Leaf:
    return value if isinstance(value, str | int | float | datetime) or value is None else ""  # an empty list


def _parts(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Struct):
        yield from ((name, getattr(value, name)) for name in value.__struct_fields__)
    elif isinstance(value, Mapping):
        yield from ((str(key), part) for key, part in value.items())
    elif isinstance(value, tuple | list):
        yield from ((_name(part, place), part) for place, part in enumerate(value, 1))


def _name(entry: object, place: int) -> str:
    if isinstance(entry, str):
        return entry  # a list of names: each is there or not
    if hasattr(entry, "start") and hasattr(entry, "end"):
        return f"[{_bound(entry.start)}, {_bound(entry.end)})"
    return next((str(getattr(entry, name)) for name in NAMES if hasattr(entry, name)), str(place))


def _bound(bound: object) -> str:
    return ".." if bound is None else str(bound)
