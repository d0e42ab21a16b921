"""Ticks that wait until their partition's feeds have been worked up to their positions (CONTRACTS section 2)."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple


class WaitingTick(NamedTuple):
    """A tick as read from the clock topic."""

    at: datetime
    positions: Mapping[str, int]
    offset: int
    policies: int = 0
    still: bool = False  # moves no clock


class WaitingTicks:
    """The ticks read and not yet accepted, in the order of the clock topic."""

    def __init__(self) -> None:
        self._ticks: deque[WaitingTick] = deque()

    def __bool__(self) -> bool:
        """Tell whether any tick waits."""
        return bool(self._ticks)

    def add(self, tick: WaitingTick) -> None:
        """Let a tick wait."""
        self._ticks.append(tick)

    def due(self, worked: Mapping[str, int]) -> WaitingTick | None:
        """Take the first tick if all feeds are worked up to its positions."""
        if self._ticks and all(
            worked[feed] >= offset for feed, offset in self._ticks[0].positions.items() if feed in worked
        ):
            return self._ticks.popleft()
        return None

    def target(self, feed: str) -> int:
        """Give the offset up to which the first tick wants a feed worked; 0 when it does not name it, or none waits."""
        return self._ticks[0].positions.get(feed, 0) if self._ticks else 0

    def lacks(self, worked: Mapping[str, int]) -> dict[str, int]:
        """Give the offsets that the first tick still wants worked, by feed; nothing when none waits."""
        wanted = self._ticks[0].positions if self._ticks else {}
        return {feed: offset - worked[feed] for feed, offset in wanted.items() if offset > worked.get(feed, offset)}

    def first_offset(self) -> int | None:
        """Give the clock offset of the first tick that waits: a restart begins there."""
        return self._ticks[0].offset if self._ticks else None
