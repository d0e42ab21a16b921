"""Saying on stderr that a download goes on: a bar on a terminal, two lines elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

Advance = Callable[[int], None]


@contextmanager
def download_bar(title: str, total_bytes: int) -> Iterator[Advance]:
    """Show a download's progress and yield the function to call with each number of bytes that arrived."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    if not console.is_terminal:
        console.print(f"{title}, {total_bytes / 1e6:.0f} MB, once ...")
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total_bytes)
        yield lambda arrived_bytes: bar.update(task, advance=arrived_bytes)
    if not console.is_terminal:
        console.print(f"{title}: done, checksums verified")
