"""A worker that comes back after an outage reads the backlog before it closes a month or sees anybody fall silent."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from stream_app.local import LocalKafka
from stream_app.replay.schedule import Schedule
from tests.e2e.live import System, system
from tests.e2e.outcome import FIGURES, Case, offline
from tests.e2e.populations import POLICY

UNTIL = datetime(2025, 3, 4, tzinfo=UTC)
DOWN_FROM, UP_AGAIN = (
    datetime(2025, 3, 1, tzinfo=UTC),
    datetime(2025, 3, 3, 12, tzinfo=UTC),
)  # March 2nd, 16:00: the close


def events() -> Iterator[dict[str, Any]]:
    """Give fees up to the close, an hour apart; what comes while the worker is down lifts some tiers."""
    start = datetime(2025, 1, 25, tzinfo=UTC)
    for hour in range(24 * 36 + 15):
        yield {"event_id": f"f{hour}", "type": "fee.charged", "subscriber_id": f"s{hour % 12}", "kind": "plan",
               "amount_fen": 900 + hour * 3,
               "occurred_at": (start + timedelta(hours=hour)).isoformat(), "billing_month": "2025-02"}  # fmt: skip


async def feed(running: System, schedule: Schedule, fees: list[dict[str, Any]]) -> None:
    for fee in fees:
        for at in schedule.reach(datetime.fromisoformat(fee["occurred_at"])):
            await running.tick(at)
        await running.send(fee)


@pytest.mark.slow
async def test_after_an_outage_no_month_closes_before_the_backlog_is_read(kafka: LocalKafka) -> None:
    case = Case([orjson.dumps(event) for event in events()], POLICY, UNTIL)
    fees = list(events())
    before = [fee for fee in fees if datetime.fromisoformat(fee["occurred_at"]) < DOWN_FROM]
    async with system(kafka.bootstrap, POLICY) as running:
        schedule = Schedule(case.policies())
        async with running.workers():
            await feed(running, schedule, before)
            await running.worked()
        await feed(running, schedule, fees[len(before) :])
        await running.tick(UP_AGAIN, UNTIL)
        async with running.workers():
            await running.worked()
        rows = await running.facts("month-closes")
        changes = await running.facts("tier-changes")
    expected = offline(case)
    revisions = [row["revision"] for row in rows]
    assert revisions == [0] * len(rows), "a month closed before its backlog was read, and had to be corrected"
    figures = {(row["subscriber_id"], row["billing_month"]): tuple(row[name] for name in FIGURES) for row in rows}
    assert figures == expected.months()
    reasons = {change["reason"] for change in changes}
    assert reasons == {"live"}, "somebody fell at the close although the backlog held them up"
