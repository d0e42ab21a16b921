"""Lines of simulated populations for the tests on Kafka."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import orjson

from stream_app.sim import Population, history
from tests.e2e.outcome import Case
from tests.shared.six_tiers import policy_text

START = datetime(2025, 1, 20, tzinfo=UTC)
POLICY = policy_text("test-1", "2017-01-01T00:00:00Z")


def simulated(events: int, subscribers: int, days: int, usage_per_day: float) -> Case:
    """Give the first events of a population, and the end of the day after the last."""
    stream = history(Population(7, subscribers, usage_per_day=usage_per_day), START, START + timedelta(days=days))
    lines = [orjson.dumps(event) for event in islice(stream, events)]
    last = max(orjson.loads(line)["occurred_at"] for line in lines[-100:])
    return Case(lines, POLICY, datetime.fromisoformat(last) + timedelta(days=1))


def silent(subscribers: int, months: int) -> Case:
    """Give one fee for each of many subscribers who then say nothing while months close; no risk is weighed."""
    fees = [
        {"event_id": f"f{n}", "type": "fee.charged", "subscriber_id": f"s{n}", "kind": "plan",
         "amount_fen": 10_000 * (n % 40),
         "occurred_at": (START + timedelta(seconds=n)).isoformat()}
        for n in range(subscribers)
    ]  # fmt: skip
    return Case(
        [orjson.dumps(fee) for fee in fees],
        f"{POLICY}risk: {{indicators: {{}}}}\n",
        START + timedelta(days=31 * months),
    )
