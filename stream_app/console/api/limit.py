"""How many requests a token may send: a bucket that fills evenly, by the machine's clock."""

import math
from collections import OrderedDict
from datetime import datetime
from threading import Lock

A_MINUTE, AT_ONCE = 300, 60  # requests
MOST_KNOWN = 10_000  # buckets in memory: the one not used for longest is forgotten, and is full by then


class RateLimit:
    """Buckets of requests, one a token."""

    def __init__(self, a_minute: int = A_MINUTE, at_once: int = AT_ONCE) -> None:
        self._a_second, self._at_once = a_minute / 60, float(at_once)
        self._buckets = OrderedDict[str, tuple[float, datetime]]()
        self._lock = Lock()

    def take(self, whose: str, now: datetime) -> int:
        """Take a request out; gives 0, or the seconds to wait where the bucket is empty."""
        with self._lock:
            left, at = self._buckets.pop(whose, (self._at_once, now))
            left = min(self._at_once, left + max(0.0, (now - at).total_seconds()) * self._a_second)
            may_go = left >= 1
            self._buckets[whose] = (left - 1 if may_go else left, now)
            if len(self._buckets) > MOST_KNOWN:
                self._buckets.popitem(last=False)
            return 0 if may_go else math.ceil((1 - left) / self._a_second)
