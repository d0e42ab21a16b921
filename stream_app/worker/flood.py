"""The limit on dead letters: a flood of bad records means a bad deploy upstream, and stops the worker loudly."""


class DeadLetterFlood(Exception):
    """Too large a share of the last records was rejected."""


class FloodGauge:
    """Judges the share of rejected records over about the last `window` records."""

    def __init__(self, window: int, share: float, seen: int = 0, rejected: int = 0) -> None:
        self.window, self.share = window, share
        self.seen, self.rejected = seen, rejected
        self.passed = ""  # what to say once the limit is passed

    def note(self, seen: int, rejected: int, last_reason: str) -> None:
        """Count records; the limit is passed when half a window was rejected at least, and more than the share."""
        self.seen += seen
        self.rejected += rejected
        if rejected and self.share < 1 and self.rejected * 2 > self.window and self.rejected > self.share * self.seen:
            self.passed = (
                f"{self.rejected} of the last {self.seen} records were rejected (last reason: {last_reason}); "
                f"that is above the limit of {self.share:.0%}, so the worker stops. "
                "Look at them with: stream-app dead-letters list. "
                "Mend the sender, or raise STREAM_APP_DEAD_LETTER_SHARE to let them pass (1 switches the limit off)"
            )
        if self.seen >= self.window:
            self.seen //= 2
            self.rejected //= 2
