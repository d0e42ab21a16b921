"""The scorecard as a YAML file: the form of a policy's `risk` section, with the evidence beside the points."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from stream_app.scoring.scorecard import Bin, Evidence, Scorecard, Share, Weighed
from stream_app.scoring.table import TableError
from stream_app.scoring.values import READERS, Kind

FORM = 1
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
WORDS_OF_YAML = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null"})
HEAD = """\
# Written by `stream-app risk fit`. score = base_points + the points of every indicator's bin; 0 to 100, rarely beyond.
# Bins hold [from, to). Beside the points: rows in the bin, churned of them, the churn rate per mille, and the weight of
# evidence, ln(share of all leavers / share of all stayers). `missing` is for a gap, `others` for a word never seen.
# The highest 10, 4 and 1 % of the customers reach the levels watch, high and critical.
"""


def scorecard_text(card: Scorecard) -> str:
    """Write a scorecard; the same scorecard gives the same text."""
    lines = [
        f"form: {FORM}",
        f"about: {_flow(card.about)}",
        f"base_points: {card.base_points}",
        *(f"{name}: {score}" for name, score in (card.levels._asdict() if card.levels else {}).items()),
        "indicators:",
        *(line for each in card.indicators for line in _indicator(each)),
        "calibration:  # from this score on, churned per mille",
        *(f"  - {{score: {each.score}, churn_per_mille: {each.churn_per_mille}}}" for each in card.calibration),
        "left_out:" if card.left_out else "left_out: {}",
        *(f"  {_name(name)}: {_name(reason)}" for name, reason in card.left_out.items()),
    ]
    return HEAD + "\n".join(lines) + "\n"


def _indicator(each: Weighed) -> Iterator[str]:
    *notes, gaps, others = each.evidence
    yield f"  {_name(each.name)}:"
    yield f"    kind: {each.kind}"
    yield "    bins:"
    for found, note in zip(each.bins, notes, strict=True):
        yield f"      - {{{_reach(each, found)}points: {found.points}, {_note(note)}}}"
    yield f"    missing: {each.missing}  # {gaps.rows:,.0f} rows"
    if each.kind is Kind.WORD:
        yield f"    others: {each.others}  # {others.rows:,.0f} rows"


def _reach(each: Weighed, found: Bin) -> str:
    if found.words:
        return f"words: [{', '.join(_name(word) for word in found.words)}], "
    bounds = {"from": found.start, "to": found.end}
    return "".join(f"{key}: {each.bound_text(bound)}, " for key, bound in bounds.items() if bound is not None)


def _note(note: Evidence) -> str:
    rate = round(1000 * note.churned / note.rows) if note.rows else 0
    counts = f"rows: {note.rows:.0f}, churned: {note.churned:.0f}"
    return f"{counts}, churn_per_mille: {rate}, weight_of_evidence: {note.weight}"


def _flow(about: Mapping[str, object]) -> str:
    return (
        "{"
        + ", ".join(f"{key}: {_name(value) if isinstance(value, str) else value}" for key, value in about.items())
        + "}"
    )


def _name(text: str) -> str:
    plain = PLAIN.fullmatch(text) and text.lower() not in WORDS_OF_YAML
    return text if plain else json.dumps(text, ensure_ascii=False)


def load_scorecard(path: Path) -> Scorecard:
    """Read a scorecard; raises TableError, naming what is wrong."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _scorecard(document)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        message = f"{path.name}: cannot be read as YAML: {' '.join(str(error).split())[:200]}"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"{path.name}: is no scorecard of `stream-app risk fit`: {type(error).__name__} {error}"
    raise TableError(message)


def _scorecard(document: Any) -> Scorecard:  # noqa: ANN401 - a file may hold anything
    if not isinstance(document, Mapping) or not isinstance(document.get("indicators"), Mapping):
        message = "it needs `indicators`, each with bins and points"
        raise TypeError(message)
    return Scorecard(
        int(document.get("base_points", 0)),
        tuple(_weighed(str(name), each) for name, each in document["indicators"].items()),
        tuple(
            sorted(
                Share(int(each["score"]), int(each["churn_per_mille"])) for each in document.get("calibration") or ()
            )
        ),
        document.get("about") or {},
        document.get("left_out") or {},
    )


def _weighed(name: str, given: Mapping[str, Any]) -> Weighed:
    kind = Kind(given.get("kind", Kind.NUMBER))
    bins = tuple(_bin(kind, each) for each in given.get("bins") or ())
    return Weighed(name, kind, bins, int(given.get("missing", 0)), int(given.get("others", 0)))


def _bin(kind: Kind, given: Mapping[str, Any]) -> Bin:
    if kind is Kind.WORD:
        return Bin(int(given["points"]), words=tuple(str(word) for word in given["words"]))
    return Bin(int(given["points"]), _bound(kind, given.get("from")), _bound(kind, given.get("to")))


def _bound(kind: Kind, given: object) -> float | None:
    if given is None:
        return None
    bound = READERS[kind](str(given))
    if bound is None:
        message = f"{given!r} is no {kind}"
        raise ValueError(message)
    return bound
