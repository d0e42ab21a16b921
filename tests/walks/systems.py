"""Walks about the whole: an upgrade, a move, a restore, a replay, another tier table."""

import io
import tarfile
from collections import Counter
from pathlib import Path

from stream_app.core.facts import FACT_TOPICS
from stream_app.local import LocalKafka
from tests.walks.blocks import ROOT
from tests.walks.checks import cases_of, exact, told_once
from tests.walks.stack import HTTP_OK, Stack, run_git
from tests.walks.steps import Steps
from tests.walks.truth import found
from tests.walks.workers import finished, started

EARLIER_RELEASE = "1738668"  # an earlier build, of the same topics and policy, without TLS and what came since


def upgrade(stack: Stack, steps: Steps) -> None:
    """Workers of an earlier release are replaced one by one under load."""
    earlier = earlier_release(stack)
    if earlier:
        stack.launch_workers_with(earlier)
    started(stack)
    stack.billing.start()
    stack.launch_with(ROOT)
    stack.transcript.note(f"the new release is installed, over {EARLIER_RELEASE if earlier else 'the same one'}")
    steps.rest()
    finished(stack)


def earlier_release(stack: Stack) -> Path | None:
    """Unpack the workers' code of an earlier release; None where git does not have it."""
    packed = run_git("archive", EARLIER_RELEASE, "stream_app", "deploy/policies")
    if packed is None:
        return None
    folder = stack.folder / "earlier"
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def bigger_cluster(stack: Stack, steps: Steps) -> None:
    """From 4 partitions to 8 on another Kafka, while events come until the senders are turned to it."""
    started(stack)
    stack.billing.start()
    with LocalKafka(port=int(stack.actual("9192"))) as other:
        steps.run(2)
        stack.billing.stop()
        stack.transcript.note("the senders are stopped")
        steps.run(3)
        heard, cases = dict(stack.ears.heard), cases_of(stack)
        steps.run(4)
        stack.transcript.note("the new workers are at work")
        steps.rest()
        stack.desk_is_through()
        assert (stack.ears.heard, cases_of(stack)) == (heard, cases), "somebody was told something again"
        stack.billing.turn_to(other.bootstrap)
        stack.transcript.note("the senders are turned to the new cluster")
        stack.billing.start()
        stack.until(lambda: stack.metrics("6066").get("stream_app_batch_seconds_count", 1) > 0, "events")
        stack.billing.stop()
        stack.at_work()
        stack.desk_is_through()
        exact(stack)
        told_once(stack)
        stack.quietly("supervisorctl stop workers:* desk")


def restore_sqlite(stack: Stack, steps: Steps) -> None:
    """The desk's file is lost some time after its backup."""
    _restore(stack, steps, "head -c 900000 /dev/urandom > desk.db")


def restore_postgres(stack: Stack, steps: Steps) -> None:
    """The desk's database is lost some time after its dump."""
    _restore(stack, steps, "dropdb --force desk")


def _restore(stack: Stack, steps: Steps, lose: str) -> None:
    started(stack)
    stack.billing.start()
    stack.transcript.note(f"{len(cases_of(stack))} cases at the desk")
    steps.run()
    _events_with_cases(stack)
    cases = cases_of(stack)
    stack.quietly(lose)
    stack.until(lambda: stack.get("8080", "readyz")[0] != HTTP_OK, "the desk to find out")
    stack.transcript.note(f"the trouble: the desk's database is lost, with {len(cases)} cases: {lose}")
    heard = dict(stack.ears.heard)
    steps.rest()
    stack.desk_is_through()
    assert cases_of(stack) == cases, "other cases than before"
    assert stack.ears.heard == heard, "somebody was told something again"
    stack.billing.start()
    finished(stack)


def _events_with_cases(stack: Stack) -> None:
    """Have more customers at risk: some ask to leave."""
    stack.billing.ask_to_leave(3)
    stack.billing.stop()
    stack.at_work()
    stack.desk_is_through()


def replay(stack: Stack, steps: Steps) -> None:
    """Answers are made anew from the billing system's archive, and the desk's rows from the topics."""
    started(stack)
    stack.billing.archive(stack.folder / "archive.ndjson.gz")
    heard, cases = Counter(stack.ears.heard), cases_of(stack)
    before = found(*stack.place(), [stack.folder / "policy.yaml"]).ends
    steps.rest()
    stack.desk_is_through()
    after = found(*stack.place(), [stack.folder / "policy.yaml"]).ends
    changed = [topic for topic in FACT_TOPICS if after.get(topic) != before.get(topic)]
    assert not changed, f"facts came to {changed} by the replay"
    assert (stack.ears.heard, cases_of(stack)) == (heard, cases), "somebody was told something"
    finished(stack)


def tier_table(stack: Stack, steps: Steps) -> None:
    """A lower floor for a tier comes into force on a running system."""
    started(stack)
    stack.billing.start()
    steps.rest()
    paths = [stack.folder / "policy.yaml", stack.folder / "new.yaml"]
    stack.billing.stop()
    stack.at_work()
    stack.desk_is_through()
    moved = [fact for fact in found(*stack.place(), paths).outcome.changes if fact["reason"] == "policy"]
    assert moved, "the policy moved nobody"
    assert {fact["policy_version"] for fact in moved} == {"default-2"}
    stack.transcript.note(f"{len(moved)} customers moved by the policy, at {moved[0]['occurred_at']}")
    exact(stack, policies=paths)
    told_once(stack)
