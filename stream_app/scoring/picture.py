"""A check as a picture: who is reached over who is called, what was said over what came. An SVG, drawn by hand."""

from collections.abc import Iterator, Sequence
from statistics import median

from stream_app.scoring.checking import CALL_DAYS, Checked, called

WIDTH, HEIGHT, SIDE, GAP, TOP, LEFT = 1280, 420, 320, 100, 50, 60
BLUE, RED, GREY = "#1769aa", "#c4511c", "#ddd"
MOST_POINTS = 200
MONTH_DAYS = CALL_DAYS[-1]
Point = tuple[float, float]


def picture(found: Checked, capacity: int) -> str:
    """Draw an SVG; both axes of both squares go from 0 to 100 %."""
    second = LEFT + SIDE + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *_square(
            LEFT, f"AUC {found.auc:.3f}, top-decile lift {found.top_decile_lift:.2f}", "called", "churners reached"
        ),
        _line(LEFT, _gains(found), BLUE),
        *_capacity(found, capacity),
        *_square(second, "calibration", "said", "came"),
        *_dots(second, found),
        *_calls(second + SIDE + GAP, found, capacity),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _square(left: int, title: str, across: str, up: str) -> Iterator[str]:
    yield f'<text x="{left}" y="{TOP - 14}" font-size="14">{title}</text>'
    for step in range(0, 101, 20):
        x, y = _at(left, (step / 100, step / 100))
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + SIDE}" stroke="{GREY}"/>'
        yield f'<line x1="{left}" x2="{left + SIDE}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GREY}"/>'
        yield f'<text x="{x:.1f}" y="{TOP + SIDE + 16}" text-anchor="middle">{step} %</text>'
        yield f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{step} %</text>'
    yield f'<text x="{left + SIDE / 2}" y="{TOP + SIDE + 34}" text-anchor="middle">{across}</text>'
    yield f'<text x="{left + 6}" y="{TOP + 16}">{up}</text>'
    yield _line(left, [(0, 0), (1, 1)], "#999")


def _at(left: int, point: Point) -> Point:
    return left + SIDE * point[0], TOP + SIDE * (1 - point[1])


def _line(left: int, points: Sequence[Point], colour: str) -> str:
    placed = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(left, point) for point in points))
    return f'<polyline points="{placed}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _gains(found: Checked) -> list[Point]:
    total = found.steps[-1]
    steps = found.steps[:: max(1, len(found.steps) // MOST_POINTS)]
    return [(0, 0), *((step.rows / total.rows, step.churned / total.churned) for step in steps), (1, 1)]


def _capacity(found: Checked, capacity: int) -> Iterator[str]:
    share = min(1.0, 22 * capacity / found.steps[-1].rows)
    x, _ = _at(LEFT, (share, 0))
    yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + SIDE}" stroke="{RED}" stroke-dasharray="4"/>'
    yield f'<text x="{x + 4:.1f}" y="{TOP + SIDE - 8}" fill="{RED}">a month of {capacity} calls a day</text>'


def _calls(left: int, found: Checked, capacity: int) -> Iterator[str]:
    """Draw the precision of the calls of each day of a month, with the days that are left to act."""
    made = [(days / MONTH_DAYS, called(found, capacity * days)) for days in range(1, MONTH_DAYS + 1)]
    yield from _square(left, f"precision, {capacity} calls a day", f"of a month's {MONTH_DAYS} days", "precision")
    yield _line(left, [(share, each.precision) for share, each in made], BLUE)
    for days in CALL_DAYS:
        share, each = made[days - 1]
        x, y = _at(left, (share, each.precision))
        lead = f", lead {median(each.leads):.0f} days" if each.leads else ""
        anchor = "end" if 2 * days > MONTH_DAYS else "start"
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{RED}"/>'
        yield f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="{anchor}">day {days}: {each.precision:.0%}{lead}</text>'


def _dots(left: int, found: Checked) -> Iterator[str]:
    points = [(each.said_per_mille / 1000, each.came_per_mille / 1000) for each in found.bands]
    yield _line(left, points, BLUE)
    for x, y in (_at(left, point) for point in points):
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{BLUE}"/>'
