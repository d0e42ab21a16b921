"""What a partition begins with: its row, checked against the group's offsets and the policies given."""

from collections.abc import Mapping

from stream_app.core.events import CLOCK_TOPIC
from stream_app.core.policy import PolicySet
from stream_app.core.state import Clock
from stream_app.lane import LaneError, Store
from stream_app.wire.stored import PARTITION_KEY, PartitionRow, load_partition


def restored_row(
    store: Store, committed: Mapping[str, int], partition: int, *, accept_gap: bool = False
) -> PartitionRow:
    """Read the partition's row; `committed` is the next offset of each feed, by plain name.

    A feed that the row does not know is new: it begins where the group stands. Ticks may be missing: a later one says
    more. With `accept_gap` events may, too: the offsets were moved on purpose.

    Raises:
        LaneError: the group's offsets are ahead of the state, and to go on would lose what lies between.

    """
    stored = store.get(PARTITION_KEY)
    row = PartitionRow() if stored is None else load_partition(stored)
    behind = {
        topic: at for topic, at in committed.items() if at > row.positions.get(topic, at) and topic != CLOCK_TOPIC
    }
    if stored is not None and behind and not accept_gap:
        raise _behind(partition, behind, row)
    row.positions = {topic: max(at, row.positions.get(topic, 0)) for topic, at in committed.items()}
    return row


def check_policies(clock: Clock, policies: PolicySet) -> None:
    """Check that every policy version that the state rests on is at hand.

    Raises:
        LaneError: one is not.

    """
    ticks = [*clock.pending, *([clock.tick] if clock.tick else [])]
    needed = {version for _, version in clock.closings} | {tick.version for tick in ticks}
    missing = sorted(needed - {policy.version for policy in policies.versions})
    if missing:
        message = (
            f"policy versions decided earlier and are not among those given: {', '.join(missing)}. "
            "Give every version that was ever in force (STREAM_APP_POLICIES, or --policy again for each)"
        )
        raise LaneError(message)


def _behind(partition: int, behind: Mapping[str, int], row: PartitionRow) -> LaneError:
    ahead = ", ".join(f"{topic} at {at}, the state at {row.positions.get(topic, 0)}" for topic, at in behind.items())
    message = (
        f"partition {partition}: the group's committed offsets are ahead of the state ({ahead}). Were they moved on "
        "purpose, set STREAM_APP_ACCEPT_GAP=true once; else see the runbook, 'Rebuild the state'"
    )
    return LaneError(message)
