"""A subscriber's tier in words: one sentence for each way it can stand, from what the rules really say."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.commands.words import REASONS, SUSPENSIONS, explain, sentence, yuan
from stream_app.core import view as view_module
from stream_app.core.events import Event
from stream_app.core.facts import Reason
from stream_app.core.policy import PolicySet
from stream_app.core.view import view
from stream_app.replay.offline import OfflineReplay
from stream_app.wire.policy_file import parse_policy
from stream_app.wire.views import view_object
from tests.replay.lines import POLICY_TEXT, entries, used, utc


def answer(
    *contents: Mapping[str, Any], until: str = "2025-04-10", rules: str = "", ticks: bool = True
) -> dict[str, Any]:
    """Work events by the rules alone and lay the subscriber out as `why` gets it."""
    policies = PolicySet([parse_policy(POLICY_TEXT + rules, "policy.yaml")])
    run = OfflineReplay(policies, utc(until), lambda _: None, lambda *_: pytest.fail("rejected"), ticks_until_end=ticks)
    run.run(entries(*contents))
    return view_object(view(run.subscribers["s-1"], "s-1", run.ledger.clock, policies))


def other(type_name: str, occurred_at: str, **own: Any) -> dict[str, Any]:
    return {"type": type_name, "event_id": type_name, "subscriber_id": "s-1", "occurred_at": f"{occurred_at}Z", **own}


def bill(month: str, amount_fen: int) -> dict[str, Any]:
    own = {"bill_id": "b", "billing_month": month, "amount_fen": amount_fen, "due_on": f"{month}-28"}
    return other("bill.issued", f"{month}-20T00:00:00", **own)


def test_a_tier_held_since_a_close_is_official_and_the_next_one_is_named() -> None:
    assert sentence(answer(used("u", "2025-03-10T00:00:00", 7500))) == (
        "s-1 is SILVER officially: the three months 2025-01 to 2025-03 bring 25.00 yuan a month on average, "
        "at or above its 20.00 yuan; GOLD begins at 50.00 yuan."
    )


def test_the_highest_tier_has_no_next_one() -> None:
    assert sentence(answer(used("u", "2025-03-10T00:00:00", 15001))) == (
        "s-1 is GOLD officially: the three months 2025-01 to 2025-03 bring 50.00 yuan a month on average, "
        "at or above its 50.00 yuan."
    )


def test_a_tier_that_rests_on_an_open_month_is_said_to() -> None:
    said = sentence(answer(used("u", "2025-03-10T00:00:00", 6000), until="2025-03-20"))
    assert said.startswith(
        "s-1 is SILVER already, before the month closes: the three months 2025-01 to 2025-03 bring 20.00"
    )


def test_without_a_tier_the_lowest_floor_is_named() -> None:
    assert sentence(answer(used("u", "2025-03-10T00:00:00", 300))) == (
        "s-1 has no tier: the three months 2025-01 to 2025-03 bring 1.00 yuan a month on average, "
        "below the 20.00 yuan of SILVER."
    )


def test_a_tier_below_its_floor_is_kept_for_as_many_closes_as_the_policy_says() -> None:
    spent, rules = used("u", "2025-01-10T00:00:00", 15000), "tier_policy: {closes_to_downgrade: 2}"
    assert sentence(answer(spent, until="2025-04-04", rules=rules)).startswith("s-1 is GOLD officially")
    assert sentence(answer(spent, until="2025-05-04", rules=rules)) == (
        "s-1 is still GOLD: the three months 2025-02 to 2025-04 bring 0.00 yuan a month on average, "
        "below its 50.00 yuan, but not yet for as many closes in a row as it takes to lose the tier."
    )


def test_arrears_suspend_what_the_customer_is_worth() -> None:
    assert sentence(answer(bill("2025-02", 15000))) == (
        "s-1 would be GOLD, but is in arrears "
        "(the three months 2025-01 to 2025-03 bring 50.00 yuan a month on average)."
    )


def test_a_customer_who_is_worth_no_tier_is_suspended_all_the_same() -> None:
    said = sentence(answer(bill("2025-02", 15)))
    assert said.startswith("s-1 has no tier: the customer is in arrears (the three months ")


def test_a_customer_who_left_without_a_contract_is_told_both() -> None:
    rules = "tier_policy: {contract_required: true}"
    gone = other("subscriber.deactivated", "2025-04-05T00:00:00")
    said = sentence(answer(used("u", "2025-03-10T00:00:00", 15000), gone, rules=rules))
    assert said.startswith(
        "s-1 would be GOLD, but has left the network and has no contract, which the policy requires ("
    )


def test_before_the_first_tick_there_is_no_tier_yet() -> None:
    run = OfflineReplay(PolicySet([parse_policy(POLICY_TEXT, "p")]), utc("2025-04-10"), lambda _: None, lambda *_: None)
    [entry] = entries(used("u", "2025-03-10T00:00:00"))
    assert isinstance(entry.event, Event)
    run.ledger.take_event(entry.event, ("usage-events", 0, 0), utc("2030-01-01"))
    found = view_object(view(run.subscribers["s-1"], "s-1", run.ledger.clock, run.ledger.policies))
    assert sentence(found) == "s-1 has no tier yet: the clock has not ticked since its first event."
    assert "policy                 none" in list(explain(found, []))


def change(reason: str, **own: Any) -> dict[str, Any]:
    occurred_at = "2025-03-03T00:00:00.000001Z"
    return {"from": None, "to": "GOLD", "direction": "up", "reason": reason, "occurred_at": occurred_at, **own}


def test_the_last_change_and_all_of_them_are_told() -> None:
    went_down = change("close", **{"from": "GOLD", "to": None, "direction": "down"})
    lines = list(explain(answer(used("u", "2025-03-10T00:00:00", 300)), [change("live"), went_down]))
    assert lines[1] == "It went down from GOLD to none on 2025-03-03 (UTC), because a month closed."
    told = lines.index("tier changes:")
    assert lines[told : told + 3] == [
        "tier changes:",
        "  2025-03-03T00:00:00Z  none -> GOLD: this month's revenue reached it",
        "  2025-03-03T00:00:00Z  GOLD -> none: a month closed",
    ]


def test_the_figures_are_those_of_the_answer() -> None:
    owing = {**answer(bill("2025-02", 123456), used("u", "2025-04-01T00:00:00", 50)), "credit_big_customer": True}
    assert list(explain(owing, []))[2:12] == [
        "official tier          GOLD",
        "ARPU, closed months    411.52 yuan",
        "ARPU, with open months 411.69 yuan",
        "arrears                1,234.56 yuan",
        "credit big customer    yes",
        "policy                 plain-1",
        "  2025-01            0.00 yuan  accrued, closed",
        "  2025-02        1,234.56 yuan  billed, closed",
        "  2025-03            0.00 yuan  accrued, closed",
        "  2025-04            0.50 yuan  accrued, open",
    ]


def test_there_are_words_for_every_reason_and_suspension() -> None:
    assert REASONS.keys() == set(get_args(Reason))
    assert SUSPENSIONS.keys() == {name for _, name in view_module.SUSPENSIONS}


@pytest.mark.parametrize(
    ("fen", "said"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456, "1,234.56"), (-100_000_000, "-1,000,000.00")]
)
def test_money_is_written_in_yuan(fen: int, said: str) -> None:
    assert yuan(fen) == said


@given(st.integers(-(10**13), 10**13))
def test_no_fen_is_lost_in_writing_yuan(fen: int) -> None:
    assert round(Decimal(yuan(fen).replace(",", "")) * 100) == fen
