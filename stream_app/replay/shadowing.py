"""A candidate policy beside the live one: on files, by two ledgers side by side, and on a running system's state."""

from collections.abc import Callable, Iterable
from datetime import datetime

from stream_app.core.policy import Policy, PolicySet
from stream_app.core.shadow import Comparison, Standing, Switch, standing
from stream_app.replay.entries import Entry
from stream_app.replay.offline import OfflineReplay
from stream_app.replay.topics_reader import TopicReader
from stream_app.wire.instants import write_instant
from stream_app.wire.stored import PARTITION_KEY, PartitionRow, load_partition, load_subscriber
from stream_app.worker.topics import Names

NOBODY = Standing(None, "none")


def instead(live: PolicySet, candidate: Policy) -> PolicySet:
    """Put a candidate in the place of all that is in force from its effective_at on; raises ValueError."""
    first, own = live.versions[0].billing, candidate.billing
    if (first.zone, first.anchor_day) != (own.zone, own.anchor_day):
        message = "billing.zone and billing.anchor_day must be those of the live policy"
        raise ValueError(message)
    earlier = [policy for policy in live.versions if policy.effective_at < candidate.effective_at]
    return PolicySet([*earlier, candidate])


def shadow_files(
    entries: Iterable[Entry],
    live: PolicySet,
    candidate: Policy,
    until: datetime,
    capacity: Callable[[str], int],
    *,
    ticks_until_end: bool,
) -> dict[str, object]:
    """Work entries under both policies; give what differs at the end, and the tasks each made on the way."""
    found = Comparison(live.calendar.day_of, capacity)
    runs = [
        OfflineReplay(policies, until, tasks.note, lambda *_: None, ticks_until_end=ticks_until_end)
        for policies, tasks in ((live, found.live_tasks), (instead(live, candidate), found.tasks))
    ]
    for entry in entries:
        for run in runs:
            run.take(entry)
    for run in runs:
        run.finish()
    here, there = (run.subscribers for run in runs)
    for subscriber_id in {*here, *there}:
        one, other = here.get(subscriber_id), there.get(subscriber_id)
        branch = next((sub.branch_id for sub in (one, other) if sub is not None), None)
        found.compare(subscriber_id, branch, *(NOBODY if sub is None else standing(sub) for sub in (one, other)))
    return _said(found, live.in_force(until), candidate, until)


async def shadow_state(
    bootstrap: str, names: Names, partitions: int, live: PolicySet, candidate: Policy, capacity: Callable[[str], int]
) -> dict[str, object]:
    """Try a candidate on every subscriber of a running system, as if it came into force now; nothing is changed.

    The workers are not asked: their changelog is read, a partition at a time, to its last commit.
    """
    found = Comparison(live.calendar.day_of, capacity)
    at: datetime | None = None
    for partition in range(partitions):
        row, rows = await _partition(bootstrap, names, partitions, partition)
        switch = Switch(row.clock, live, candidate)
        for subscriber_id, stored in rows.items():
            sub = load_subscriber(stored)
            now, then, facts = switch.try_on(sub, subscriber_id)
            found.compare(subscriber_id, sub.branch_id, now, then)
            for fact in facts:
                found.tasks.note(fact)
        at = max(filter(None, (at, row.clock.at)), default=None)
    return _said(found, live.versions[0] if at is None else live.in_force(at), candidate, at)


async def _partition(
    bootstrap: str, names: Names, partitions: int, partition: int
) -> tuple[PartitionRow, dict[str, bytes]]:
    own, rows = PartitionRow(), dict[str, bytes]()
    async with TopicReader(bootstrap, [names.changelog], partitions, only=partition) as reader:
        async for record in reader.new_records():
            if record.key == PARTITION_KEY:
                own = load_partition(record.value)
            elif record.value is None:
                rows.pop(record.key.decode(), None)
            else:
                rows[record.key.decode()] = record.value
    return own, rows


def _said(found: Comparison, live: Policy, candidate: Policy, at: datetime | None) -> dict[str, object]:
    when = None if at is None else write_instant(at)
    return {"live": live.version, "candidate": candidate.version, "at": when, **found.report()}
