"""The latency distribution as a picture: milliseconds over the share of facts, the rare ones stretched out."""

import math
from collections.abc import Sequence

from tests.bench.latency import Latency

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 360, 60, 40, 30
SHARES = (0.0, 50.0, 90.0, 99.0, 99.9)
NINES = 3.2  # the axis ends at 1 - 10 ** -NINES
COLOURS = ("#1769aa", "#c4511c", "#3b7d3b", "#7a4b9a")


def picture(found: Sequence[Latency]) -> str:
    """Draw an SVG."""
    most_ms = 50 * math.ceil(max(each.percentile(99.9) for each in found) * 1.05 / 50)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *(_upright(share) for share in SHARES),
        *(_level(round(most_ms * step / 5), most_ms) for step in range(6)),
        *(_curve(each, most_ms, place) for place, each in enumerate(found)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(share: float) -> float:
    nines = -math.log10(max(1e-9, 1 - share / 100))
    return LEFT + (WIDTH - LEFT - 20) * min(nines, NINES) / NINES


def _y(milliseconds: float, most_ms: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * min(milliseconds, most_ms) / most_ms


def _upright(share: float) -> str:
    x = _x(share)
    return (
        f'<line x1="{x:.0f}" x2="{x:.0f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>'
        f'<text x="{x:.0f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{share:g} %</text>'
    )


def _level(milliseconds: int, most_ms: float) -> str:
    y = _y(milliseconds, most_ms)
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>'
        f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{milliseconds} ms</text>'
    )


def _curve(found: Latency, most_ms: float, place: int) -> str:
    shares = [100 * (1 - 10 ** (-NINES * step / 200)) for step in range(201)]
    points = " ".join(f"{_x(share):.1f},{_y(found.percentile(share), most_ms):.1f}" for share in shares)
    label = f"{found.title}, {found.rate:,} events/s"
    colour = COLOURS[place % len(COLOURS)]
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        f'<text x="{LEFT + 12}" y="{TOP + 16 + 16 * place}" fill="{colour}">{label}</text>'
    )
