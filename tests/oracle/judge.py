"""A process that works saved cases with one engine and says whether it agrees: the mutants' judge.

`python -P -m tests.oracle.judge CASES ENGINE PROBE DIR`: ENGINE is `module:function`, PROBE a module that must come
from below DIR, or the mutant is not what runs. Exit codes: see `Verdict`.
"""

import importlib
import sys
from enum import IntEnum
from pathlib import Path

from tests.oracle.cases import Case, load
from tests.oracle.compare import differences


class Verdict(IntEnum):
    """What the judge found."""

    AGREES = 0
    DIFFERS = 10
    FAILS = 11
    IS_BROKEN = 12


def main(cases: str, engine: str, probe: str, folder: str) -> Verdict:
    """Judge, and print the first difference."""
    module, function = engine.split(":")
    try:
        ask = getattr(importlib.import_module(module), function)
        origin = importlib.import_module(probe).__file__
    except Exception as error:  # noqa: BLE001 - whatever it is, this mutant cannot even be loaded
        sys.stdout.write(f"does not load: {error!r}\n")
        return Verdict.IS_BROKEN
    if origin is None or not Path(origin).is_relative_to(folder):
        sys.stdout.write(f"{probe} came from {origin}\n")
        return Verdict.IS_BROKEN
    return next((verdict for case in load(Path(cases)) if (verdict := _judge(ask, case))), Verdict.AGREES)


def _judge(ask: object, case: Case) -> Verdict:
    try:
        actual = ask(*case.stream) if callable(ask) else None
    except Exception as error:  # noqa: BLE001 - a rule that fails is told from one that agrees
        sys.stdout.write(f"fails: {error!r}\n")
        return Verdict.FAILS
    found = differences(case.expected, actual) if actual is not None else ["no answer"]
    sys.stdout.write("".join(f"{line}\n" for line in found[:1]))
    return Verdict.DIFFERS if found else Verdict.AGREES


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
