"""The time at the desk, as a test wants it."""

from datetime import UTC, datetime, timedelta

START = datetime(2025, 6, 10, 2, 0, tzinfo=UTC)  # 10 in the morning in Shanghai, a Tuesday


class SetClock:
    """A clock that stands where the test puts it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.at

    def advance(self, **by: float) -> datetime:
        """Move on by so many `hours`, `days`, ...; tell the time then."""
        self.at += timedelta(**by)
        return self.at
