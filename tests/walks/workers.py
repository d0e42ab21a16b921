"""Walks about workers: they keep restarting, stop at a flood or a record, close no month, lose their place."""

import asyncio
import time

from confluent_kafka.admin import AdminClient

from stream_app.core.events import USAGE_TOPIC
from stream_app.replay.offsets import GroupOffsets
from stream_app.worker import topics
from stream_app.worker.topics import Names
from tests.walks.blocks import ROOT
from tests.walks.checks import exact, told_once
from tests.walks.faulty import UNWORKABLE
from tests.walks.stack import APP_ID, PARTITIONS, Stack
from tests.walks.steps import Steps
from tests.walks.truth import found

BAD_RECORDS = 14_000
WORKERS = ("worker-1", "worker-2")


def crash_loop(stack: Stack, steps: Steps) -> None:
    """A worker killed three times heals by itself; a mistyped setting makes both restart for ever."""
    started(stack)
    stack.billing.start()
    for _ in range(3):
        stack.kill("workers:worker-1")
        seconds = stack.until(lambda: stack.metrics("6066").get("stream_app_assigned_partitions", 0) > 0, "worker-1")
        stack.transcript.note(f"kill -9 of worker-1: at work again after {seconds:.1f} s, by itself")
    stack.set(STREAM_APP_COMMIT_INTERVAL="0.1")
    stack.transcript.note("the trouble: STREAM_APP_COMMIT_INTERVAL=0.1, which there is not, and both workers restart")
    stack.quietly("supervisorctl restart workers:*")
    stack.until(lambda: all(stack.log(name).count("there is no such setting") > 1 for name in WORKERS), "the loop")
    said = steps.run(3)
    assert "do you mean STREAM_APP_COMMIT_INTERVAL_SECONDS?" in said
    steps.rest()
    finished(stack)


def flood(stack: Stack, steps: Steps) -> None:
    """A bad deploy upstream: most of what comes is no JSON."""
    started(stack)
    stack.billing.start()
    for number in range(BAD_RECORDS):
        stack.billing.send_line(b"{%d" % number, f"flood-{number}")
    stack.billing.stop()
    stack.transcript.note(f"the trouble: {BAD_RECORDS:,} lines that are no JSON, beside what is right")
    stack.until(lambda: any("above the limit" in stack.log(name) for name in WORKERS), "the flood to stop a worker")
    said = steps.run(2)
    assert "FATAL" in said
    steps.rest()
    stack.transcript.note("the sender is mended and publishes the right records")
    stack.billing.start()
    finished(stack)


def month(stack: Stack, steps: Steps) -> None:
    """Nobody makes ticks, so no month closes."""
    stack.set(STREAM_APP_TICK_SECONDS="0")
    stack.transcript.note("the trouble: STREAM_APP_TICK_SECONDS=0 is left over from a replay")
    started(stack)
    stack.billing.start()
    said = steps.run(2)
    assert "stream_app_ticks_made_total 0.0" in said
    assert not stack.ears.heard
    steps.rest()
    finished(stack)


def offsets_ahead(stack: Stack, steps: Steps) -> None:
    """Somebody moved the group's offsets to the end of the feeds while the workers were down."""
    started(stack)
    stack.quietly("supervisorctl stop workers:*")
    for _ in range(400):
        stack.billing.send(stack.billing.event())
    stack.billing.flush()
    to_the_end(stack)
    stack.transcript.note("the trouble: the workers are down, and somebody moves the group to the end of usage-events")
    stack.quietly("supervisorctl start workers:*")
    stack.until(lambda: any("ahead of the state" in stack.log(name) for name in WORKERS), "the refusal")
    assert "ahead of the state" in steps.run()
    steps.rest()
    finished(stack)


def to_the_end(stack: Stack) -> None:
    group = GroupOffsets(stack.kafka.bootstrap, Names("", APP_ID), PARTITIONS)
    stack.until(lambda: not asyncio.run(group.members()), "the session to end")
    ends = {(each.feed, each.partition): each.end for each in asyncio.run(group.standings())}
    asyncio.run(group.move({place: end for place, end in ends.items() if place[0] == USAGE_TOPIC}))


def changelog_gone(stack: Stack, steps: Steps) -> None:
    """The changelog is deleted and made anew, empty; the data folders are lost, too."""
    started(stack)
    stack.billing.start()
    time.sleep(5)
    stack.billing.stop()
    stack.at_work()
    stack.desk_is_through()
    stack.quietly("supervisorctl stop workers:*")
    lose_changelog(stack)
    stack.quietly("rm -rf data-1 data-2")
    stack.transcript.note("the trouble: the changelog was deleted and made anew, and the workers' disks are lost")
    stack.quietly("supervisorctl start workers:*")
    stack.until(lambda: any("changelog of its states is empty" in stack.log(name) for name in WORKERS), "the refusal")
    assert "changelog" in steps.run()
    heard, before = dict(stack.ears.heard), found(*stack.place(), [stack.folder / "policy.yaml"]).ids
    steps.rest()
    stack.desk_is_through()
    assert stack.ears.heard == heard, "somebody was told something again"
    after = found(*stack.place(), [stack.folder / "policy.yaml"])
    others = len(after.ids - before)
    stack.transcript.note(f"{len(before)} facts before: {after.repeated} again by the same fact_id, {others} by others")
    stack.billing.start()
    finished(stack, repeats=True)


def lose_changelog(stack: Stack) -> None:
    admin = AdminClient({"bootstrap.servers": stack.kafka.bootstrap})
    name = Names("", APP_ID).changelog
    admin.delete_topics([name])[name].result()
    stack.until(lambda: name not in admin.list_topics(timeout=10).topics, "the topic to go")
    asyncio.run(topics.create(stack.kafka.bootstrap, Names("", APP_ID), PARTITIONS, 1))


def record(stack: Stack, steps: Steps) -> None:
    """A fault of ours ends every worker that comes to a record."""
    stack.launch_with(ROOT, "tests.walks.faulty")
    started(stack)
    stack.billing.start()
    event = {**stack.billing.event(), "event_id": UNWORKABLE}
    stack.billing.send(event)
    stack.transcript.note("the trouble: a release with a fault of ours, which breaks on one record")
    stack.until(lambda: any(stack.log(name).count("FATAL") > 1 for name in WORKERS), "the loop")
    said = steps.run(2)
    assert "a fault of ours" in said
    steps.run(5)
    stack.launch_with(ROOT)
    stack.transcript.note("a release without the fault is installed")
    steps.rest()
    finished(stack, set_aside=1)


def started(stack: Stack) -> None:
    """Have everything run, with the history worked."""
    stack.supervise()
    stack.at_work()
    stack.desk_is_through()


def finished(stack: Stack, *, set_aside: int = 0, repeats: bool = False) -> None:
    """Stop the load, have all of it worked, and hold it against the answer."""
    stack.billing.stop()
    stack.at_work()
    stack.desk_is_through()
    exact(stack, set_aside=set_aside, repeats=repeats)
    told_once(stack)
