"""The simulated events, read by the product's own decoder and worked by its own rules under the policies shipped."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from stream_app.core.facts import Fact, TierChanged
from stream_app.core.policy import PolicySet
from stream_app.replay.entries import Entry, decode_lines
from stream_app.replay.offline import OfflineReplay
from stream_app.sim import DEMO, Population, history
from stream_app.sim.calibration import TIER_FLOORS_FEN
from stream_app.wire.decode import Decoder
from stream_app.wire.policy_file import load_policy

POLICIES = Path(__file__).parents[2] / "deploy" / "policies"
START_AT = datetime(2003, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
END_AT = START_AT + timedelta(days=300)


@dataclass
class Outcome:
    """What came of the events."""

    changes: list[TierChanged]
    rejected: list[tuple[str, str]]
    duplicates: Counter[str]


@cache
def ten_months(policy: str) -> Outcome:
    policies = PolicySet([load_policy(POLICIES / policy)])
    facts: list[Fact] = []
    rejected: list[tuple[str, str]] = []

    def reject(_entry: Entry, reason: str, message: str) -> None:
        rejected.append((reason, message))

    replay = OfflineReplay(policies, END_AT, facts.append, reject)
    events = history(Population(1, 80, DEMO, usage_per_day=0.5), START_AT, END_AT)
    replay.run(decode_lines((json.dumps(event).encode() for event in events), Decoder(policies.calendar), "simulated"))
    changes = [fact for fact in facts if isinstance(fact, TierChanged)]
    return Outcome(changes, rejected, replay.duplicates)


@pytest.mark.slow
def test_nothing_simulated_is_rejected() -> None:
    assert ten_months("default.yaml").rejected == []


def test_repeats_are_recognised() -> None:
    assert ten_months("default.yaml").duplicates["usage.recorded"] > 0


def test_tiers_go_up_and_down_for_money_arrears_and_payment() -> None:
    reasons = Counter((change.reason, change.direction) for change in ten_months("default.yaml").changes)

    assert {("live", "up"), ("close", "down"), ("arrears", "down"), ("payment", "up")} <= set(reasons)


@pytest.mark.slow
def test_a_contract_that_lapses_costs_the_tier_where_one_is_required() -> None:
    reasons = Counter((change.reason, change.direction) for change in ten_months("sichuan.yaml").changes)

    assert ("contract", "down") in reasons


def test_the_floors_are_those_of_the_default_policy() -> None:
    policy = load_policy(POLICIES / "default.yaml")

    assert {tier.code: tier.floor_fen for tier in policy.tiers} == dict(TIER_FLOORS_FEN)
