"""What is different between two answers, in words short enough to read in a failure."""

from collections.abc import Hashable, Iterator, Mapping, Sequence

from tests.oracle.oracle import Answer

MAPPINGS = ("months", "revisions", "subscribers", "tier_after_close", "duplicates", "rejected")


def differences(expected: Answer, actual: Answer) -> list[str]:
    """List what the oracle expects otherwise; empty where both agree."""
    found = [
        f"{name}{[key]}: expected {want}, got {got}"
        for name in MAPPINGS
        for key, want, got in _unequal(getattr(expected, name), getattr(actual, name))
    ]
    both = enumerate(zip(_padded(expected.changes, actual), _padded(actual.changes, expected), strict=True))
    return found + [f"change {n}: expected {want}, got {got}" for n, (want, got) in both if want != got][:1]


def _unequal(
    expected: Mapping[Hashable, object], actual: Mapping[Hashable, object]
) -> Iterator[tuple[Hashable, object, object]]:
    for key in sorted({*expected, *actual}, key=str):
        want, got = expected.get(key, "nothing"), actual.get(key, "nothing")
        if want != got:
            yield key, want, got


def _padded(changes: Sequence[object], other: Answer) -> list[object]:
    return [*changes, *["nothing"] * (len(other.changes) - len(changes))]
