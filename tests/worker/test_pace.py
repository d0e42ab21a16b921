"""What lasts is told of at a steady pace, and what is over is not."""

from stream_app.worker.pace import Pace


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def told(*steps: tuple[float, object]) -> list[bool]:
    """Say at each moment what goes on; give when it was due."""
    clock = Clock()
    pace, due = Pace(5.0, clock), []
    for clock.now, what in steps:
        due.append(pace.is_due(what))
    return due


def test_what_lasts_is_told_every_so_many_seconds_the_first_time_after_as_many() -> None:
    assert told((0, "a"), (4, "a"), (5, "a"), (9, "a"), (11, "a"), (15, "a"), (16, "a")) == [
        False, False, True, False, True, False, True,
    ]  # fmt: skip


def test_another_thing_begins_anew() -> None:
    assert told((0, "a"), (5, "b"), (9, "b"), (10, "b")) == [False, False, False, True]


def test_nothing_is_never_told() -> None:
    assert told((0, None), (9, None), (10, "a"), (20, None), (21, "a"), (25, "a"), (26, "a")) == [
        False, False, False, False, False, False, True,
    ]  # fmt: skip
