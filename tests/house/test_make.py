"""The Makefile: `make` alone tells a newcomer what there is."""

import re
import subprocess

from tests.house.sources import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def targets() -> set[str]:
    found = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert found
    return set(found[1].split())


def test_make_alone_lists_every_target_with_a_line_about_it() -> None:
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    listed = dict(re.findall(r"^  make ([\w-]+) +(.+)$", said, re.MULTILINE))
    assert listed.keys() == targets()
