"""Bad records of every kind land in dead-letters whole, the stream goes on, and they can be sent again after a fix."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson
import pytest

from stream_app.core.policy import PolicySet
from stream_app.local import LocalKafka
from stream_app.replay.mirror import partition_of
from stream_app.wire.policy_file import load_policy
from stream_app.wire.views import view_object
from tests.e2e.live import PARTITIONS, System, system
from tests.e2e.populations import POLICY

NOW = datetime(2025, 6, 10, 12, tzinfo=UTC)
COMMON = {"subscriber_id": "s1", "occurred_at": NOW.isoformat()}
FEE = {**COMMON, "event_id": "e1", "type": "fee.charged", "kind": "plan", "amount_fen": 100}
USAGE = {
    **COMMON,
    "event_id": "u1",
    "type": "usage.recorded",
    "service": "voice",
    "duration_seconds": 1,
    "charge_fen": 1,
}
BILL = {**COMMON, "event_id": "b", "type": "bill.issued", "bill_id": "b1", "billing_month": "2025-05", "amount_fen": 1}
AHEAD = (NOW + timedelta(minutes=61)).isoformat()


def without(event: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != name}


class Bad(NamedTuple):
    """A record that must be rejected, and why."""

    reason: str
    topic: str
    value: bytes | dict[str, Any]
    key: bytes | None = b"s1"

    @property
    def bytes(self) -> bytes:
        return self.value if isinstance(self.value, bytes) else orjson.dumps(self.value)


BAD = (
    Bad("too_large", "usage-events", {**USAGE, "note": "x" * 65_536}),
    Bad("not_json", "usage-events", b"{"),
    Bad("not_json", "billing-events", b"\xff\xfe\x00 not text \x80"),
    Bad("not_json", "subscriber-events", b""),
    Bad("not_an_object", "usage-events", b"[1]"),
    Bad("not_an_object", "task-results", b'"text"'),
    Bad("unknown_type", "usage-events", {**USAGE, "type": "usage.guessed"}),
    Bad("wrong_topic", "usage-events", FEE),
    Bad("wrong_topic", "subscriber-events", USAGE),
    Bad("missing_field", "usage-events", without(USAGE, "type")),
    Bad("missing_field", "usage-events", without(USAGE, "duration_seconds")),
    Bad("missing_field", "billing-events", without(FEE, "subscriber_id")),
    Bad("missing_field", "subscriber-events", {**COMMON, "event_id": "p", "type": "subscriber.updated"}),
    Bad("invalid_field", "usage-events", {**USAGE, "charge_fen": -1}),
    Bad("invalid_field", "usage-events", {**USAGE, "charge_fen": "1"}),
    Bad("invalid_field", "usage-events", {**USAGE, "occurred_at": "2025-06-10T12:00:00"}),
    Bad("invalid_field", "billing-events", {**FEE, "billing_month": "2025-09"}),
    Bad("invalid_field", "billing-events", {**BILL, "event_id": "b2", "billing_month": "2025-06"}),
    Bad("key_mismatch", "usage-events", USAGE, key=b"s2"),
    Bad("key_mismatch", "usage-events", USAGE, key=None),
    Bad("in_the_future", "usage-events", {**USAGE, "event_id": "late", "occurred_at": AHEAD}),
    Bad("month_not_correctable", "billing-events", {**FEE, "event_id": "old", "billing_month": "2025-02"}),
    Bad("month_not_correctable", "usage-events", {**USAGE, "event_id": "old", "occurred_at": "2025-02-11T00:00:00Z"}),
)


async def command(running: System, *words: str) -> str:
    """Run a command of ours; gives what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stream_app", *words, env={**os.environ, **running.environment(), "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    return out.decode()


async def send_all(running: System) -> None:
    stamp = int(NOW.timestamp() * 1000)
    await running.tick(NOW)
    await running.send(BILL)
    await running.worked()
    for bad in BAD:
        await running.feeder.put(bad.topic, bad.key, bad.bytes, stamp)
    await running.send({**FEE, "event_id": "after", "amount_fen": 90_000})
    await running.tick(NOW + timedelta(seconds=1))


@pytest.mark.slow
async def test_every_bad_record_is_kept_whole_and_can_be_sent_again(kafka: LocalKafka) -> None:
    async with system(kafka.bootstrap, POLICY) as running, running.workers():
        await send_all(running)
        await running.worked()
        letters = await running.records("dead-letters")
        headers = [dict(record.headers) for record in letters]
        both = zip(headers, letters, strict=True)
        kept = [(its["dl_reason"].decode(), letter.key or b"", letter.value) for its, letter in both]
        assert sorted(kept) == sorted((bad.reason, bad.key or b"", bad.bytes) for bad in BAD)
        assert {its["dl_topic"].decode() for its in headers} == {running.names.full(bad.topic) for bad in BAD}
        changes = await running.facts("tier-changes")
        assert [(change["subscriber_id"], change["to"]) for change in changes] == [("s1", "C5")]

        listed = await command(running, "dead-letters", "list")
        assert f"{len(BAD)} dead letters" in listed
        place = next(f"{record.partition}:{record.offset}" for record in letters if record.value == b"{")
        assert "not_json" in await command(running, "dead-letters", "show", place)

        # The sender's clock was wrong, and time has passed: what was in the future no longer is.
        replay = ("dead-letters", "replay", "--reason", "in_the_future", "--yes")
        assert "1 dead letters sent back" in await command(running, *replay)
        assert "nothing to send back" in await command(running, *replay)
        running.feeder.sent["usage-events", partition_of("s1", PARTITIONS)] += 1
        await running.worked()
        assert len(await running.records("dead-letters")) == len(BAD)
        late = next(row for row in (await subscribers(running)) if row["subscriber_id"] == "s1")
        assert late["months"][-1]["revenue_fen"] == 90_001


async def subscribers(running: System) -> list[dict[str, Any]]:
    return [view_object(found) for found in running.mirror.views(PolicySet([load_policy(running.policy)]))]


@pytest.mark.slow
async def test_a_flood_of_bad_records_stops_the_worker_with_a_word(kafka: LocalKafka) -> None:
    async with system(kafka.bootstrap, POLICY) as running:
        for number in range(300):
            await running.feeder.put("usage-events", b"s1", b"bad %d" % number, int(NOW.timestamp() * 1000))
        await running.feeder.flush()
        async with running.workers(STREAM_APP_DEAD_LETTER_WINDOW="100") as workers:
            log = running.folder / "worker-0.log"
            async with asyncio.timeout(120):
                while not workers.restarts:  # noqa: ASYNC110 - another process's state
                    await asyncio.sleep(0.1)
            assert "STREAM_APP_DEAD_LETTER_SHARE" in log.read_text()
