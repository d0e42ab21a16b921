"""Colours reach the contrast that WCAG 2.2 AA asks for (1.4.3 text 4.5, 1.4.11 edges of fields 3), light and dark."""

import re

import pytest

from stream_app.console.web.layout import STATIC

COLOUR = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
TEXTS = [
    ("text", "ground"),
    ("text", "card"),
    ("soft", "ground"),
    ("soft", "card"),
    ("accent", "ground"),
    ("accent", "card"),
    ("on-accent", "accent"),
    *((name, f"{name}-ground") for name in ("critical", "high", "watch", "good")),
]
EDGES = [("field-line", "card"), ("accent", "ground"), ("accent", "card"), ("critical", "card")]


def colours() -> dict[str, dict[str, str]]:
    light, dark = (STATIC / "desk.css").read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
    return {"light": dict(COLOUR.findall(light)), "dark": dict(COLOUR.findall(light)) | dict(COLOUR.findall(dark))}


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_is_wcag_s() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_edges_can_be_told_from_their_ground(scheme: str) -> None:
    found = colours()[scheme]
    faint = {pair: contrast(found[pair[0]], found[pair[1]]) for pair in TEXTS}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}
    edges = {pair: contrast(found[pair[0]], found[pair[1]]) for pair in EDGES}
    assert {pair: ratio for pair, ratio in edges.items() if ratio < 3} == {}
