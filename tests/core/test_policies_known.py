"""Versions that are published while the clock runs: a tick decides by those it knows, whatever was read since."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.core import clock as clocks
from stream_app.core.facts import Cause
from stream_app.core.policy import Policy, PolicySet
from stream_app.core.state import Clock
from tests.core.builders import instant, policy

FIRST, SECOND, THIRD = policy(), policy("v2", "2025-03-02"), policy("v3", "2025-03-04")


@dataclass
class Partition:
    """A partition's clock, and the versions its worker has read."""

    policies: PolicySet = field(default_factory=lambda: PolicySet([FIRST]))
    clock: Clock = field(default_factory=Clock)

    def tick(self, day: str, known: int) -> str:
        clocks.accept(self.clock, instant(day), Cause("clock", 0, 0), self.policies, known)
        assert self.clock.tick is not None
        return self.clock.tick.version


def test_a_published_version_is_in_force_from_the_first_tick_that_knows_it_at_or_after_its_instant() -> None:
    one = Partition()
    one.policies.add(SECOND, 7)
    assert one.tick("2025-03-01", 8) == "v1"
    assert one.tick("2025-03-02", 8) == "v2"


def test_a_tick_made_before_the_version_was_published_decides_without_it() -> None:
    one = Partition()
    one.policies.add(SECOND, 7)
    assert one.tick("2025-03-03", 7) == "v1"
    assert one.tick("2025-03-04", 8) == "v2"


def test_a_tick_that_knows_less_than_one_before_takes_nothing_back() -> None:
    one = Partition()
    one.policies.add(SECOND, 7)
    assert [one.tick("2025-03-03", 8), one.tick("2025-03-04", 0)] == ["v2", "v2"]


def test_versions_given_by_file_are_known_to_every_tick() -> None:
    one = Partition(PolicySet([FIRST, SECOND]))
    assert one.tick("2025-03-03", 0) == "v2"


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (policy("v2", "2025-04-01"), "the same version"),
        (policy("v4", "2025-03-02"), "the same effective_at"),
        (policy("v4", "2025-04-01", zone="Asia/Shanghai"), "zone and billing.anchor_day"),
        (policy("v4", "2016-01-01"), "later than that of the first version, v1"),
    ],
)
def test_a_version_that_does_not_fit_is_not_taken_in(other: Policy, message: str) -> None:
    known = PolicySet([FIRST])
    known.add(SECOND, 0)
    with pytest.raises(ValueError, match=message):
        known.add(other, 1)
    assert [each.version for each in known.versions] == ["v1", "v2"]
    assert known.in_force(instant("2030-01-01")) is SECOND


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), max_size=12), st.integers(0, 12))
def test_workers_that_have_read_more_or_less_decide_the_same(ticks: list[tuple[int, int]], late: int) -> None:
    ahead, behind = Partition(), Partition()
    for offset, version in ((0, SECOND), (2, THIRD)):
        ahead.policies.add(version, offset)
    for place, (day, known) in enumerate(ticks):
        for offset, version in ((0, SECOND), (2, THIRD)):
            if known > offset or place >= late:
                _take(behind.policies, version, offset)
        on = f"2025-03-{day:02d}"
        assert ahead.tick(on, known) == behind.tick(on, known)


def _take(policies: PolicySet, version: Policy, offset: int) -> None:
    if version not in policies.versions:
        policies.add(version, offset)
