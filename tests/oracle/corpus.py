"""A fixed set of streams with their answers, the same in every run, for what must be worked over and over."""

from functools import cache

from hypothesis import HealthCheck, Phase, given, settings

from tests.oracle.cases import Case, Stream
from tests.oracle.oracle import answer
from tests.oracle.streams import streams


@cache
def cases(count: int) -> tuple[Case, ...]:
    """Give the first streams that Hypothesis draws with its fixed seed, and their answers."""
    drawn: list[Stream] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(streams())
    def keep(stream: Stream) -> None:
        drawn.append(stream)

    keep()
    return tuple(Case(stream, answer(*stream)) for stream in drawn)
