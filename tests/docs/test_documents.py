"""The documents stay true where that can be checked: examples decode, links lead somewhere, commands exist."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from stream_app.cli import main
from stream_app.core.months import calendar_for
from stream_app.wire.decode import EVENT_MODELS, NO_KEY, Decoder
from stream_app.wire.invalid import Reason

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
CONTRACT = (ROOT / "docs" / "contract.md").read_text()
COMMON = {"event_id": "e", "subscriber_id": "s", "occurred_at": "2025-03-01T08:00:00+08:00"}


def contract_examples() -> Iterator[dict[str, object]]:
    """Give the events that the contract shows, whole or as own fields in a table."""
    yield from map(json.loads, re.findall(r"```json\n(.*?)```", CONTRACT, re.DOTALL))
    for name, fields in re.findall(r"^\| `([a-z.]+)` \|.*\| `(\"[^`]*)` \|$", CONTRACT, re.MULTILINE):
        yield {**COMMON, "type": name, **json.loads(f"{{{fields}}}")}


def test_every_example_of_the_contract_decodes() -> None:
    decoder = Decoder(calendar_for("Asia/Shanghai", 1))
    shown = {decoder.event(None, NO_KEY, json.dumps(example).encode()).type for example in contract_examples()}
    assert shown == set(EVENT_MODELS) - {"portout.requested"}  # which has no fields to show


def test_the_contract_names_every_reason_of_rejection_once() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| ", CONTRACT.partition("when a record cannot be taken")[2], re.MULTILINE)
    assert rows == list(get_args(Reason))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / document).read_text())
    assert [link for link in links if not ((ROOT / document).parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_headings_linked_to_are_there(document: str) -> None:
    text = (ROOT / document).read_text()
    headings = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_and_targets_named_exist(document: str) -> None:
    text = (ROOT / document).read_text()
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^\$ |`)make ([a-z-]+)", text, re.MULTILINE)) <= targets
    context = main.make_context("stream-app", ["--help"], resilient_parsing=True)
    assert set(re.findall(r"(?:^\$ |bin/|`)stream-app ([a-z-]+)", text, re.MULTILINE)) <= set(
        main.list_commands(context)
    )
