"""How a contender tells the bench how far it is: a line `seen N` on stdout, now and then and at the end."""

import sys
import time

SAY_SECONDS = 0.05


class Seen:
    """Counts the events worked, and says so at most every 50 ms, and when the expected number is reached."""

    def __init__(self) -> None:
        self.count = 0
        self._said = -1
        self._say_at = 0.0

    def add(self, events: int) -> None:
        """Count a batch."""
        self.count += events
        self.look()

    def look(self) -> None:
        """Say the count if it is new and time has come: a contender calls it when idle too."""
        now = time.monotonic()
        if self.count != self._said and now >= self._say_at:
            self._said, self._say_at = self.count, now + SAY_SECONDS
            say("seen", self.count)


def say(*words: object) -> None:
    """Say words on a line."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()
