"""Facts open, join, clear and close cases; acted on again they change nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import ActedFact
from tests.console.cases.scene import BRANCH, Scene, called_id, held_out_id
from tests.console.moments import START, SetClock

WHO = called_id()


def test_a_high_risk_opens_a_case_that_a_phone_manager_of_the_branch_gets(scene: Scene) -> None:
    scene.phone_manager("li")
    scene.phone_manager("far", branch_id="mianyang")
    scene.customer(WHO, arpu_fen=30_000)
    scene.act(scene.risk(WHO, "high", "silent_days", "complaints"))
    case = scene.case(WHO)
    assert (case.state, case.manager_id, case.branch_id, case.kind) == ("open", "li", BRANCH, "keep")
    assert (case.level, case.score, case.arpu_fen, case.value_class, case.arm) == (2, 60, 30_000, "ordinary", "called")
    assert (case.opened_at, case.due_at, case.leading) == (START, START + timedelta(hours=72), "silent_days")
    assert [reason.name for reason in case.reasons] == ["silent_days", "complaints"]
    assert case.suggested_measures == ("family_plan", "deposit_gift")
    assert scene.log(WHO) == ["opened", "assigned"]


def test_a_watch_opens_a_case_of_an_important_customer_alone(scene: Scene) -> None:
    scene.customer(WHO)
    other = scene.customer(called_id(1), important=True)
    scene.act(scene.risk(WHO, "watch"), scene.risk(other, "watch"))
    assert [case.subscriber_id for case in scene.cases()] == [other]


def test_three_reasons_are_one_call(scene: Scene) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO, "high", "silent_days"))
    scene.act(scene.tier(WHO, "C4", "C5"), scene.risk(WHO, "critical", "portout", "silent_days"))
    case = scene.case(WHO)
    assert [reason.name for reason in case.reasons] == ["portout", "silent_days", "tier_lost"]
    assert (case.leading, case.level, case.due_at) == ("portout", 3, START + timedelta(hours=4))
    assert (case.tier, case.version) == ("C4", 2)
    assert scene.log(WHO) == ["opened", "assigned", "reason", "reason"]


def test_the_same_facts_acted_on_twice_change_nothing(scene: Scene) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    facts = [scene.risk(WHO), scene.tier(WHO, "C4", None), scene.risk(WHO, "none")]
    for each in (facts, facts, facts[:1], [facts[2], facts[0]]):
        scene.act(*each)
    assert scene.case(WHO).leading == "tier_lost"
    assert scene.log(WHO).count("opened") == 1
    assert scene.case(WHO).version == 1


def test_risk_that_falls_closes_the_case_as_cleared(scene: Scene, clock: SetClock) -> None:
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    fell_at = clock.advance(days=9)
    scene.act(scene.risk(WHO, "watch"))
    case = scene.case(WHO)
    assert (case.state, case.close_reason, case.closed_at) == ("closed", "cleared", fell_at)


def test_a_tier_that_comes_back_clears_its_reason_and_a_half_way_does_not(scene: Scene) -> None:
    scene.customer(WHO)
    scene.act(scene.tier(WHO, "C3", "C5"), scene.tier(WHO, "C5", "C4", direction="up", reason="live"))
    assert scene.case(WHO).state == "open"
    scene.act(scene.tier(WHO, "C4", "C3", direction="up", reason="live"))
    assert scene.case(WHO).close_reason == "cleared"


def test_a_tier_lost_by_leaving_or_by_a_new_policy_calls_for_nothing(scene: Scene) -> None:
    scene.customer(WHO)
    scene.act(scene.tier(WHO, "C3", None, reason="policy"), scene.tier(WHO, "C3", None, reason="left"))
    assert scene.cases() == []


def test_a_suggestion_for_a_tier_lost_leaves_out_what_is_held(scene: Scene) -> None:
    scene.customer(WHO)
    scene.holds(WHO, "family_plan")
    scene.act(scene.tier(WHO, "C4", "C5"))
    suggested = scene.case(WHO).suggested_measures
    assert "family_plan" not in suggested
    assert suggested[0] == "group_member"


@pytest.mark.parametrize("hours", [0, 1])
def test_an_old_fact_opens_nothing_and_still_clears(scene: Scene, clock: SetClock, hours: int) -> None:
    other = scene.customer(called_id(1))
    scene.customer(WHO)
    scene.act(scene.risk(other))
    facts = scene.risk(WHO), scene.risk(other, "none")
    clock.advance(days=14, hours=hours)
    scene.act(*facts)
    assert len(scene.cases(WHO)) == (hours == 0)
    assert scene.case(other).close_reason == "cleared"


def test_who_leaves_has_no_case_any_more_and_an_important_one_is_won_back(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li")
    plain, dear = scene.customer(WHO), scene.customer(called_id(1), value_class="important", important=True)
    scene.act(scene.risk(plain), scene.risk(dear, value_class="important"))
    clock.advance(days=1)
    scene.act(scene.leave(plain), scene.leave(dear, value_class="important"))
    assert scene.case(plain).close_reason == "left"
    kept, back = scene.cases(dear)
    assert (kept.close_reason, back.kind, back.state, back.manager_id) == ("left", "win_back", "open", "li")
    assert (back.leading, back.arm) == ("left", "exempt")
    clock.advance(days=1)
    scene.customer(dear, on_network=True, network_at=scene.now)
    scene.act(scene.event("subscriber.activated", dear))
    assert scene.cases(dear)[1].close_reason == "returned"


def test_a_fact_that_lags_behind_the_leaving_opens_nothing(scene: Scene, clock: SetClock) -> None:
    scene.customer(WHO)
    late = scene.risk(WHO)
    clock.advance(hours=2)
    scene.act(scene.leave(WHO))
    scene.act(late)
    assert scene.cases() == []


def test_who_is_held_out_gets_a_case_without_a_task_until_a_reason_comes(scene: Scene, clock: SetClock) -> None:
    who = scene.customer(held_out_id())
    scene.phone_manager("li")
    scene.act(scene.risk(who))
    case = scene.case(who)
    assert (case.state, case.manager_id, case.arm) == ("held_out", None, "held_out")
    clock.advance(days=1)
    scene.act(scene.risk(who, "critical", "portout"))
    case = scene.case(who)
    assert (case.state, case.manager_id, case.arm) == ("open", "li", "held_out")
    assert case.due_at == scene.now + timedelta(hours=4)
    assert scene.log(who) == ["held_out", "opened", "assigned"]


def test_who_is_important_or_urgent_or_of_a_high_tier_is_never_held_out(scene: Scene) -> None:
    ids = [held_out_id(number) for number in range(4)]
    scene.customer(ids[0], important=True)
    for each in ids[1:]:
        scene.customer(each)
    scene.act(scene.risk(ids[0]), scene.risk(ids[1], "high", "complaints_escalated"), scene.risk(ids[2], tier="C2"))
    scene.act(scene.tier(ids[3], "C2", "C3"))
    assert {(case.state, case.arm) for case in scene.cases()} == {("open", "exempt")}


def test_every_fact_acted_on_is_remembered_with_its_case(scene: Scene) -> None:
    scene.customer(WHO)
    facts = [scene.risk(WHO), scene.tier(WHO, "C4", "C5"), scene.risk(called_id(1), "watch")]
    scene.act(*facts)
    with reading(scene.desk.engine) as connection:
        acted = dict(connection.execute(select(ActedFact.fact_id, ActedFact.case_id)).all())
    case_id = scene.case(WHO).case_id
    assert [acted[fact["fact_id"]] for fact in facts] == [case_id, case_id, None]


def test_facts_that_are_no_concern_of_the_desk_are_passed_over(scene: Scene) -> None:
    scene.act(scene.event("payment.received", WHO, amount_fen=1))
    assert scene.cases() == []
