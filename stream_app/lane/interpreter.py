"""The interpreter set for a lane's process, once, before it starts (docs/performance.md says what it buys)."""

import gc
import sys

# States and facts are no part of cycles and are not tracked, so a collection finds little: it need not come often.
YOUNG_OBJECTS, MIDDLE_ROUNDS, OLD_ROUNDS = 20_000, 50, 100
# The consumer's thread asks for the interpreter a few times for each fetch, and waits so long each time.
SWITCH_SECONDS = 0.001


def tune() -> None:
    """Set how often the interpreter looks for garbage and changes threads."""
    gc.freeze()  # what is imported by now stays
    gc.set_threshold(YOUNG_OBJECTS, MIDDLE_ROUNDS, OLD_ROUNDS)
    sys.setswitchinterval(SWITCH_SECONDS)
