"""deploy/Dockerfile taken apart into its instructions."""

import re
from typing import Final, NamedTuple

from tests.house.sources import ROOT

PATH: Final = ROOT / "deploy" / "Dockerfile"


class Instruction(NamedTuple):
    """One instruction, its lines joined."""

    word: str
    rest: str


def instructions() -> list[Instruction]:
    lines = [line for line in PATH.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found = [line.partition(" ") for line in joined.splitlines() if line.strip()]
    return [Instruction(word, rest.strip()) for word, _, rest in found]


def rests(word: str) -> list[str]:
    return [each.rest for each in instructions() if each.word == word]


def copied() -> list[str]:
    """Name what is copied from the repository."""
    return [source for rest in rests("COPY") if not rest.startswith("--from") for source in rest.split()[:-1]]
