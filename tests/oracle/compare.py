"""What is different between two answers, in words short enough to read in a failure."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import zip_longest

from tests.oracle.oracle import Answer, Change

MAPPINGS = ("months", "revisions", "worths", "subscribers", "tier_after_close", "duplicates", "rejected")


def differences(expected: Answer, actual: Answer) -> list[str]:
    """List what the oracle expects otherwise; empty where both agree."""
    found = [
        f"{name}{[key]}: expected {want}, got {got}"
        for name in MAPPINGS
        if getattr(actual, name) is not None and getattr(expected, name) is not None
        for key, want, got in _unequal(getattr(expected, name), getattr(actual, name))
    ]
    wanted, got = _by_subscriber(expected.changes), _by_subscriber(actual.changes)
    pairs = enumerate(zip_longest(wanted, got, fillvalue="nothing"))
    return found + [f"change {n}: expected {one}, got {other}" for n, (one, other) in pairs if one != other][:1]


def _by_subscriber(changes: Iterable[Change]) -> list[Change]:
    """Sort by subscriber alone: between subscribers the contracts know no order."""
    return sorted(changes, key=lambda change: change.subscriber_id)


def _unequal(
    expected: Mapping[Hashable, object], actual: Mapping[Hashable, object]
) -> Iterator[tuple[Hashable, object, object]]:
    for key in sorted({*expected, *actual}, key=str):
        want, got = expected.get(key, "nothing"), actual.get(key, "nothing")
        if want != got:
            yield key, want, got
