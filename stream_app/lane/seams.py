"""Named points of the commit where a test can have the process killed; inert unless STREAM_APP_CRASH is set.

STREAM_APP_CRASH=point:n kills this process (SIGKILL) at its n-th passage of the point.
"""

import os
import signal
from typing import Literal

Seam = Literal[
    "fenced",  # partitions taken over, their former owners shut out
    "restored_some",  # a piece of the changelog is in the store
    "restored",
    "worked",  # a batch, in memory alone
    "taken",  # what is to be committed; nothing is begun
    "begun",
    "sent",  # the records of one topic, acked
    "outputs_sent",
    "states_sent",
    "offsets_sent",
    "committed",  # in Kafka, not in the store
    "stored",
]
VARIABLE = "STREAM_APP_CRASH"


class Seams:
    """Counts the passages of the armed point."""

    def __init__(self, armed: str = "") -> None:
        self._point, _, count = armed.partition(":")
        self._left = int(count or "1")

    def passed(self, point: Seam) -> None:
        """Note that the point is passed; the armed one ends the process when its time has come."""
        if point != self._point:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


seams = Seams(os.environ.get(VARIABLE, ""))
