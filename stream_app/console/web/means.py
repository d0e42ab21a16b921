"""What the pages work with beside the database; `run` puts it together, tests put in what they need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stream_app.console.identity.source import IdentitySource
from stream_app.console.letters import Letters, NoLetters
from stream_app.console.web.live import Hub


def wall_now() -> datetime:
    """Tell the machine's time."""
    return datetime.now(UTC)


def _no_lag() -> Sequence[Any]:
    return ()


@dataclass(frozen=True)
class Means:
    """The pages' means; each has a stand-in that does nothing."""

    hub: Hub = field(default_factory=Hub)  # tells open pages that something changed
    identity: IdentitySource | None = None  # name and number of a customer; none: nobody can be dialled
    lag: Callable[[], Sequence[Any]] = _no_lag  # how far behind the read model is
    bootstrap: str = ""  # of Kafka, for dead letters
    letters: Letters = field(default_factory=NoLetters)  # the dead letters
    wall: Callable[[], datetime] = wall_now
