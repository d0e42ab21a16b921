"""When to say that something is still going on: every so many seconds, the first time after as many."""

import time
from collections.abc import Callable


class Pace:
    """The pace at which one thing after the other is told of, as long as it lasts."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._now = seconds, now
        self._what: object = None
        self._due_at = 0.0

    def is_due(self, what: object) -> bool:
        """Hear what goes on (None: nothing), and tell whether to say so now."""
        now = self._now()
        if what is None or what != self._what:
            self._what, self._due_at = what, now + self._seconds
            return False
        if now < self._due_at:
            return False
        self._due_at = now + self._seconds
        return True
