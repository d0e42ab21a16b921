"""The commands of the runbook: what stands after `$ ` in its console blocks, by heading.

Rule: nothing is added or left out. A command goes on in the next line after a backslash, and to the last word of a here
document; what else stands in a block is what the command says.
"""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNBOOK = ROOT / "docs" / "runbook.md"
HEADING, HERE_DOCUMENT = re.compile(r"^#{2,3} (.+)$"), re.compile(r"<<-?\s*'?(\w+)'?")


def commands(text: str) -> dict[str, list[str]]:
    """Give the commands of each heading, in order; a heading without any is left out."""
    found: dict[str, list[str]] = {}
    heading, is_console = "", False
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("```"):
            is_console = not is_console and line == "```console"
        elif is_console and line.startswith("$ "):
            found.setdefault(heading, []).append(_whole(line.removeprefix("$ "), lines))
        elif not is_console and (title := HEADING.match(line)):
            heading = title[1]
    return found


def _whole(first: str, lines: Iterator[str]) -> str:
    taken = [first]
    while taken[-1].endswith("\\"):
        taken.append(next(lines))
    here = HERE_DOCUMENT.search("\n".join(taken))
    while here and taken[-1] != here[1]:
        taken.append(next(lines))
    return "\n".join(taken)
