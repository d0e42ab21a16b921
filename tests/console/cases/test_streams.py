"""Whatever comes, in whatever batches, again and again: one case a customer, each fact that calls in exactly one."""

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import select

from stream_app.console.cases import rows
from stream_app.console.cases.hearing import hear
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import ActedFact, Case, CaseEvent
from stream_app.core.desk.calling import call_for
from stream_app.core.desk.course import CaseState
from stream_app.core.desk.heard import Known, ground
from stream_app.core.policy import PolicySet
from tests.console.cases.scene import Scene
from tests.console.moments import START

_runs = count()
Fact = dict[str, Any]
LEVELS = st.sampled_from(["none", "watch", "high", "critical"])
INDICATORS = st.lists(st.sampled_from(["portout", "silent_days", "complaints"]), unique=True, min_size=1, max_size=2)
TIERS = st.permutations(["C1", "C3", "C4", "C5", None])
STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.one_of(st.tuples(LEVELS, INDICATORS), TIERS), st.integers(0, 40)), max_size=12
)
MANY = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def scene(desk: Desk) -> Scene:
    """Give a desk that holds out half of those it may."""
    policy = desk.policies.in_force(START)
    policy = structs.replace(policy, desk=structs.replace(policy.desk, held_out_permille=500))
    return Scene(desk._replace(policies=PolicySet([policy])))


def facts_of(scene: Scene, steps: list[tuple[int, Any, int]], run: int) -> list[Fact]:
    """Make the facts of three customers, the second of whom is important."""
    ids = [f"run-{run}-{number}" for number in range(3)]
    for number, each in enumerate(ids):
        scene.customer(each, important=number == 1)
    facts = []
    for number, what, hours in steps:
        at = START - timedelta(hours=hours)
        if isinstance(what, tuple):
            facts.append(scene.risk(ids[number], what[0], *what[1], at=at))
        else:
            before, after, *_ = what
            direction = "down" if (before or "C9") < (after or "C9") else "up"
            facts.append(scene.tier(ids[number], before, after, direction=direction, at=at))
    return facts


def cut(facts: list[Fact], draw: Any) -> list[list[Fact]]:
    """Cut facts into batches, some of which come again with what follows them."""
    batches = []
    while facts:
        size = draw.randint(1, len(facts))
        batches.append(facts[:size])
        if draw.random() < 0.3:
            batches.append(facts[max(0, size - 2) : size + 2])
            size = min(len(facts), size + 2)
        facts = facts[size:]
    return batches


def cases_of(scene: Scene, run: int) -> list[CaseState]:
    with reading(scene.desk.engine) as connection:
        query = rows.select_cases().where(Case.subscriber_id.startswith(f"run-{run}-")).order_by(Case.case_id)
        return rows.find(connection, query)


def everything(scene: Scene, run: int) -> tuple[list[CaseState], int]:
    cases = cases_of(scene, run)
    with reading(scene.desk.engine) as connection:
        query = select(CaseEvent.event_no).where(CaseEvent.case_id.in_([case.case_id for case in cases]))
        return cases, len(connection.scalars(query).all())


@given(STEPS, st.randoms(use_true_random=False))
@MANY
def test_one_case_a_customer_and_each_fact_that_calls_in_exactly_one(
    scene: Scene, steps: list[tuple[int, Any, int]], draw: Any
) -> None:
    run = next(_runs)
    facts = facts_of(scene, steps, run)
    for batch in cut(facts, draw):
        scene.act(*batch)
    cases = cases_of(scene, run)
    unclosed = Counter(case.subscriber_id for case in cases if case.state != "closed")
    assert all(number == 1 for number in unclosed.values())
    assert {fact["fact_id"] for fact in facts if calls(scene, fact)} <= acted_in_a_case(scene, facts)
    homes = Counter(fact_id for case in cases for fact_id in {reason.fact_id for reason in case.reasons})
    assert all(number == 1 for number in homes.values())
    for name in {case.subscriber_id for case in cases}:
        drawn = {case.arm for case in cases if case.subscriber_id == name} - {"exempt"}
        assert len(drawn) <= 1


@given(STEPS, st.randoms(use_true_random=False))
@MANY
def test_what_was_acted_on_changes_nothing_again(scene: Scene, steps: list[tuple[int, Any, int]], draw: Any) -> None:
    run = next(_runs)
    facts = facts_of(scene, steps, run)
    scene.act(*facts)
    before = everything(scene, run)
    scene.act(*draw.sample(facts, len(facts)))
    for fact in facts:
        scene.act(fact)
    assert everything(scene, run) == before


@given(STEPS, st.randoms(use_true_random=False))
@MANY
def test_the_batches_do_not_matter(scene: Scene, steps: list[tuple[int, Any, int]], draw: Any) -> None:
    at_once, in_parts = next(_runs), next(_runs)
    facts = facts_of(scene, steps, at_once)
    scene.act(*facts)
    renamed = [_renamed(fact, at_once, in_parts) for fact in facts_of(scene, steps, at_once)]
    facts_of(scene, [], in_parts)
    for batch in cut(renamed, draw):
        scene.act(*batch)
    ends = [[_end(case, run) for case in cases_of(scene, run)] for run in (at_once, in_parts)]
    assert sorted(ends[0]) == sorted(ends[1])


def _renamed(fact: Fact, before: int, after: int) -> Fact:
    return fact | {"subscriber_id": fact["subscriber_id"].replace(f"run-{before}-", f"run-{after}-")}


def _end(case: CaseState, run: int) -> tuple[Any, ...]:
    names = tuple(reason.name for reason in case.reasons)
    who = case.subscriber_id.removeprefix(f"run-{run}-")
    return who, str(case.close_reason), case.state == "closed", case.leading, case.level, case.due_at, names


def calls(scene: Scene, fact: Fact) -> bool:
    heard = hear(fact)
    assert heard is not None
    known = Known(important="-1" in fact["subscriber_id"][-2:], value_class="ordinary")
    return call_for(heard, known, ground(scene.desk.policies, scene.now)) is not None


def acted_in_a_case(scene: Scene, facts: list[Fact]) -> set[str]:
    ids = [fact["fact_id"] for fact in facts]
    with reading(scene.desk.engine) as connection:
        query = select(ActedFact.fact_id).where(ActedFact.fact_id.in_(ids), ActedFact.case_id.is_not(None))
        return set(connection.scalars(query))
