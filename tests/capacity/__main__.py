"""`python -m tests.capacity`: a region's load on this machine, pictures of its dashboards, the loss of all disks."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from tests.capacity import page
from tests.capacity.disks import lose_all_disks
from tests.capacity.draw import While, pictures
from tests.capacity.load import Found, Plan, Step, play
from tests.capacity.region import CHENGDU, Region, people
from tests.capacity.stack import Stack

STEPS = "1:25,2:25,3.5:25,5:50,3.5:15,1:25"


@click.group()
def main() -> None:
    """Measure what a region takes, and what is left when all disks are lost."""


@main.command()
@click.option("--subscribers", type=click.IntRange(1000), default=CHENGDU, show_default=True, help="Of the region.")
@click.option(
    "--steps", default=STEPS, show_default=True, metavar="TIMES:SECONDS,...", help="Multiples of the average."
)
@click.option("--lost-at", type=float, default=1.0, show_default=True, help="All disks are lost at this load; 0: not.")
@click.option("--pictures", "folder", type=click.Path(path_type=Path), help="Draw the dashboards into this folder.")
@click.option("--write", "mark", metavar="MARK", help="Write the figures into docs/capacity.md at this mark.")
def load(subscribers: int, steps: str, lost_at: float, folder: Path | None, mark: str | None) -> None:
    """Play a region's load: the average, up to five times it, and down again.

    \b
    Examples:
      python -m tests.capacity load --pictures docs/pictures --write load
      python -m tests.capacity load --steps 5:20,7.5:20,10:20,12.5:20,1:25 --lost-at 0 --write limit
    """  # noqa: D301 - click's mark
    plan = Plan(Region(subscribers), _steps(steps), lost_at)

    async def then(stack: Stack, found: Found) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else goes on
            when = While(found.begin, found.end)
            for name, empty in (await pictures(stack.prometheus, when, folder)).items():
                _tell(f"{name}: {page.without(empty)}")

    with _place() as place:
        _tell("a population of today: worked through the rules once a day (half a minute)")
        found = asyncio.run(play(plan, people(datetime.now(UTC)), place, _tell, then))
    text = page.said(plan, found)
    click.echo(text)
    if mark:
        page.write(mark, text)


@main.command()
@click.option("--rate", type=click.IntRange(1), default=2000, show_default=True, help="Events a second meanwhile.")
@click.option("--times", type=click.IntRange(1), default=3, show_default=True)
def disks(rate: int, times: int) -> None:
    """Lose all disks of two workers under load, and hold every fact against the offline engine.

    \b
    Example:
      python -m tests.capacity disks --times 3
    """  # noqa: D301 - click's mark
    for line in asyncio.run(lose_all_disks(rate, times)):
        click.echo(line)


def _steps(text: str) -> list[Step]:
    try:
        return [Step(*map(float, part.split(":"))) for part in text.split(",")]
    except (TypeError, ValueError):
        message = f"{text!r}: write multiples and seconds, such as {STEPS}"
        raise click.BadParameter(message) from None


@contextmanager
def _place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="stream-app-capacity-") as folder:
        yield Path(folder)


def _tell(line: str) -> None:
    click.echo(f"{datetime.now(UTC):%H:%M:%S} {line}", err=True)


if __name__ == "__main__":
    main()
