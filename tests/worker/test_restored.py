"""What a partition begins with: its row, the group's offsets, and the policies that its state rests on."""

import pytest

from stream_app.core.policy import PolicySet
from stream_app.core.state import Clock
from stream_app.lane import Batch, LaneError
from stream_app.wire.stored import PARTITION_KEY, PartitionRow, dump_partition
from stream_app.worker.partition import PartitionWork
from stream_app.worker.restored import check_policies, restored_row
from tests.worker.fake_lane import POLICY_TEXT, Harness, Log, MemoryStore, around, policy, usage


def stored(**positions: int) -> MemoryStore:
    return MemoryStore({PARTITION_KEY: dump_partition(PartitionRow(positions=positions, target=7))})


def test_an_empty_store_begins_where_the_group_stands() -> None:
    work = PartitionWork(around(), 0, MemoryStore(), {"usage-events": 4})
    work.work(Batch("usage-events", 0, [], 4, 5))
    commit = work.take()
    assert commit is not None
    assert commit.positions == {"usage-events": 5}


def test_a_state_ahead_of_the_group_goes_on_from_the_state() -> None:
    row = restored_row(stored(usage=9), {"usage": 4}, 0)
    assert (row.positions, row.target) == ({"usage": 9}, 7)


def test_a_state_behind_the_group_is_refused_with_both_offsets() -> None:
    with pytest.raises(LaneError, match=r"partition 3: .*usage at 5, the state at 1\).*runbook"):
        restored_row(stored(usage=1, billing=2), {"usage": 5, "billing": 2}, 3)


def test_a_feed_that_the_state_has_never_read_begins_where_the_group_stands() -> None:
    assert restored_row(stored(usage=1), {"usage": 1, "billing": 2}, 0).positions == {"usage": 1, "billing": 2}


def test_a_gap_that_is_accepted_is_passed_over() -> None:
    assert restored_row(stored(usage=1), {"usage": 5}, 0, accept_gap=True).positions == {"usage": 5}


def test_ticks_that_retention_took_hold_nobody_up() -> None:
    assert restored_row(stored(usage=1, clock=2), {"usage": 1, "clock": 40}, 0).positions == {"usage": 1, "clock": 40}


def test_a_state_that_rests_on_a_policy_not_given_is_refused_and_the_version_named() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-03-10"))
    harness.feed(log.put(usage("u1", "2025-03-09", 1)))
    clock = harness.work.ledger.clock
    later = policy(POLICY_TEXT.replace("plain-1", "plain-2").replace("2017", "2018"))
    check_policies(clock, PolicySet([policy(), later]))
    check_policies(Clock(), PolicySet([later]))
    with pytest.raises(LaneError, match=r"not among those given: plain-1\. Give every version"):
        check_policies(clock, PolicySet([later]))
