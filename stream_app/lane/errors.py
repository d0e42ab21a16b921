"""Why a lane ends the process, and the one way it does.

Rule: an error never leaves a lane as an exception, because an exception that leaves a Faust agent acks the record
(ARCHITECTURE.md section 3, 6). It is said, then the hook ends the process.
"""

import logging
import os
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

EXIT_FATAL = 70  # EX_SOFTWARE

log = logging.getLogger(__name__)


class LaneError(Exception):
    """The lane cannot go on without breaking a promise; the message says what is wrong and what to do."""


class LaneEnded(BaseException):
    """Stops the code behind a fatal error whose hook has returned, as a test's may; no error to handle."""


def exit_at_once(reason: str) -> None:
    """End the process with EXIT_FATAL, running no more of its code."""
    try:  # stderr may be a file on the disk that is full
        os.write(2, f"FATAL {reason}\n".encode())  # the last word must not hang on how logging is set up
        logging.shutdown()
    finally:
        os._exit(EXIT_FATAL)


class Fatal:
    """Ends the process; `hook` is what does it, `os._exit` unless someone sets another."""

    def __init__(self) -> None:
        self.hook: Callable[[str], None] = exit_at_once

    def __call__(self, what: str, error: BaseException | None = None) -> NoReturn:
        """Log what happened and run the hook.

        Raises:
            LaneEnded: the hook has returned.

        """
        notes = "".join(f", {note}" for note in getattr(error, "__notes__", ()))  # where it happened
        reason = f"{what}: {error!r}{notes}" if error is not None else what
        log.critical("lane: %s", reason, exc_info=None if isinstance(error, LaneError) else error)
        self.hook(reason)
        raise LaneEnded(reason) from error


fatal = Fatal()
