"""`python -m tests.fuzz`: runs the fuzzer for so many records, tells how it goes; exit code 1 where it found any."""

import argparse
import sys
from pathlib import Path

from tests.fuzz.run import Run
from tests.fuzz.watch import Watch


def main() -> int:
    """Run; give the exit code."""
    options = _options()
    if options.course is not None:
        return _again(options)
    return Watch(options).run()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--course", type=int, help="run this course of the seed alone")
    parser.add_argument("--findings", type=Path, default=Path("out/fuzz"), help="the folder for what is found")
    return parser.parse_args()


def _again(options: argparse.Namespace) -> int:
    told = Run(options.seed, options.course % options.jobs, options.jobs).again(options.course)
    print(told.finding.words if told.finding else f"course {options.course}: nothing found in {told.records} records")
    return 1 if told.finding else 0


if __name__ == "__main__":
    sys.exit(main())
