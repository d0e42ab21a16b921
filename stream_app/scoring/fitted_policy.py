"""A scorecard as the risk part of a policy file: its points and levels replace those there, all else stays."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from stream_app.scoring.scorecard import Scorecard
from stream_app.scoring.scorecard_file import scorecard_text

REPLACED = ("base_points", "watch_from", "high_from", "critical_from", "indicators")
KEY = re.compile(r"( *)(\w+):")
SUFFIX = "-fitted"


def fitted_policy(text: str, card: Scorecard) -> str:
    """Write a policy with the scorecard in it, under a version of its own; comments stay where the form allows."""
    old = yaml.safe_load(text)
    part = {key: value for key, value in yaml.safe_load(scorecard_text(card)).items() if key in REPLACED}
    version = f"{old['version']}{SUFFIX}"
    wanted = {**old, "version": version, "risk": {**(old.get("risk") or {}), **part}}
    edited = _edited(text.splitlines(), version, list(_part(card)))
    return edited if _reads_as(edited, wanted) else yaml.safe_dump(wanted, allow_unicode=True, sort_keys=False)


def _reads_as(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return bool(yaml.safe_load(text) == wanted)
    except yaml.YAMLError:
        return False


def _part(card: Scorecard) -> Iterator[str]:
    """Give the lines of the scorecard that belong into a policy, indented as there."""
    yield from (f"  {line}" for line in _kept(scorecard_text(card).splitlines(), keep=REPLACED))


def _edited(lines: Sequence[str], version: str, part: Sequence[str]) -> str:
    start = next((at for at, line in enumerate(lines) if line.startswith("risk:")), len(lines))
    end = next((at for at in range(start + 1, len(lines)) if lines[at][:1].strip(" #")), len(lines))
    others = {match[2] for line in lines[start + 1 : end] if (match := KEY.match(line))} - set(REPLACED)
    body = _kept(lines[start + 1 : end], keep=others)
    head = lines[start] if start < len(lines) else "risk:"
    edited = [*lines[:start], head, *part, *body, *lines[end:]]
    return (
        "\n".join(f"version: {json.dumps(version)}" if line.startswith("version:") else line for line in edited) + "\n"
    )


def _kept(lines: Sequence[str], keep: Sequence[str] | set[str]) -> Iterator[str]:
    """Keep the lines of some keys of a block, with all that is below them."""
    indent = next((match[1] for line in lines if (match := KEY.match(line))), "")
    keeps = False
    for line in lines:
        match = KEY.match(line)
        if match and match[1] == indent:
            keeps = match[2] in keep
        if keeps or (not match and not line.strip()):
            yield line
