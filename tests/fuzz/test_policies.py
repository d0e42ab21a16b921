"""Mutated policy files: each is read, or refused in words that begin with the file."""

import contextlib
from pathlib import Path
from random import Random

import pytest

from stream_app.wire.policy_file import PolicyError, parse_policy
from tests.fuzz.mutations import change_bytes, pick

POLICIES = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[2] / "deploy" / "policies").glob("*.yaml"))
]
ODD = (
    *("0", "-1", "1e400", ".nan", "9" * 20, "2017-13-01", "2001-02-30 1:1:1", "null", "[]", "{a: b}", "0x10", "1_000"),
    *("190:20:30", "*a", "&a [*a]", "!!binary aa", "!!set {a}", "!!omap [a: 1]", "!!int ''", "!!bool 3", "!!seq a"),
    *("!!python/object:os.system x", "? {a: b}\n: c", "<<: {a: b}", '"\\ud800"', "|\n  x", "---", "...", "=", "\0"),
    *("[" * 1500, "{a: " * 300, "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:00", "!!timestamp ''"),
)


def spoilt(text: str, chance: Random) -> str:
    """Put something odd in place of a line's value, or change bytes."""
    lines = text.split("\n")
    place = int(chance.random() * len(lines))
    lines[place] = f"{lines[place].split(':', 1)[0]}: {pick(chance, ODD)}"
    changed = "\n".join(lines) if chance.random() < 0.7 else text
    if chance.random() < 0.3 or changed == text:
        changed = change_bytes(changed.encode(), chance, [text.encode()]).decode(errors="replace")
    return changed


@pytest.mark.parametrize("seed", range(4))
def test_a_mutated_policy_is_read_or_refused_in_words(seed: int) -> None:
    chance = Random(seed)
    for _ in range(15):
        with contextlib.suppress(PolicyError):
            parse_policy(spoilt(pick(chance, POLICIES), chance), "policy.yaml")
