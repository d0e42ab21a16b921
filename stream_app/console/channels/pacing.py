"""How fast a channel may go, and how long to wait after a try that failed. Pure: instants come in.

Rule: within any minute no more than the channel's rate. A bucket that fills up while nothing is sent would let twice
as many through in one minute, for which DingTalk shuts a robot out for ten.
"""

import hashlib
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

MINUTE = timedelta(seconds=61)  # one more, as what is sent evenly may arrive unevenly
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30.0, 3600.0
LONGEST_ASKED_SECONDS: Final = 86_400.0  # a receiver that asks for more is asked again after a day


class Gate:
    """One channel's way out; remembers what went out in the last minute."""

    def __init__(self, rate_per_minute: int, gone_out: Iterable[datetime] = ()) -> None:
        self._rate = rate_per_minute
        self._gone_out = deque(sorted(gone_out), maxlen=rate_per_minute)
        self._shut_until: datetime | None = None

    def room(self, now: datetime) -> int:
        """Count the messages that may go out now."""
        if self._shut_until is not None and now < self._shut_until:
            return 0
        while self._gone_out and self._gone_out[0] <= now - MINUTE:
            self._gone_out.popleft()
        return self._rate - len(self._gone_out)

    def count(self, now: datetime) -> None:
        """Note that a message goes out."""
        self._gone_out.append(now)

    def shut(self, until: datetime) -> None:
        """Let nothing out until then: the receiver said so, or cannot be reached."""
        self._shut_until = until


def wait_seconds(delivery_id: str, tries: int, asked_seconds: float = 0.0) -> float:
    """Give the seconds to the next try: twice as long each time, less up to a half that is drawn from the id."""
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(tries - 1, 20))
    drawn = hashlib.sha256(f"{delivery_id}:{tries}".encode()).digest()
    jittered = longest * (0.5 + int.from_bytes(drawn[:4]) / 2**33)
    return max(jittered, min(asked_seconds, LONGEST_ASKED_SECONDS))
