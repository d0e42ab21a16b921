"""What pages show: tasks in order with leave to call, loads, balance warnings, and how far down a branch can call."""

from datetime import timedelta

from sqlalchemy import text

from stream_app.console.cases import books, queue, results
from stream_app.console.cases.results import Result
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import Case
from stream_app.core.desk.contact import Permission
from stream_app.core.policy import Policy
from tests.console.cases.scene import BRANCH, Scene, called_id
from tests.console.moments import START, SetClock

WHO = called_id()


def policy(scene: Scene) -> Policy:
    return scene.desk.policies.in_force(scene.now)


def my_tasks(scene: Scene, user_id: str = "li") -> list[queue.Task]:
    with reading(scene.desk.engine) as connection:
        return queue.my_tasks(connection, user_id, scene.now, policy(scene))


def test_tasks_come_by_due_time_then_tier_then_score(scene: Scene) -> None:
    scene.phone_manager("li")
    ids = [scene.customer(called_id(number)) for number in range(4)]
    scene.act(
        scene.risk(ids[0], tier="C5"),
        scene.risk(ids[1], tier="C4", score=55),
        scene.risk(ids[2], tier="C4", score=70),
        scene.risk(ids[3], "critical", "portout"),
    )
    assert [task.subscriber_id for task in my_tasks(scene)] == [ids[3], ids[2], ids[1], ids[0]]


def test_a_task_holds_what_the_call_needs(scene: Scene) -> None:
    scene.phone_manager("li")
    scene.customer(WHO, arpu_fen=12_300)
    scene.act(scene.risk(WHO, "high", "silent_days", tier="C3"))
    [task] = my_tasks(scene)
    assert (task.tier, task.level, task.value_class, task.arpu_fen) == ("C3", 2, "ordinary", 12_300)
    assert (task.leading, task.reasons[0].says["value"]) == ("silent_days", 9)
    assert (task.suggested_measures[0], task.offers[0]["offer"]) == ("family_plan", "family_share")
    assert (task.permission, task.is_overdue) == (Permission(allowed=True), False)


def test_leave_to_call_is_by_the_hour_the_day_and_the_customer(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    clock.advance(hours=11)  # 21:00
    assert my_tasks(scene)[0].permission == Permission(False, "quiet_hours", START + timedelta(hours=23))
    clock.advance(hours=-11)
    case = scene.case(WHO)
    results.record(scene.desk, case.case_id, "li", Result("not_reached"), case.version)
    assert my_tasks(scene)[0].permission == Permission(False, "try_again", START + timedelta(hours=24))
    scene.act(scene.risk(WHO, "critical", "portout"))
    assert my_tasks(scene)[0].permission == Permission(False, "called_today", START + timedelta(hours=23))
    books.set_do_not_call(scene.desk, WHO, "li", do_not_call=True)
    assert my_tasks(scene)[0].permission == Permission(False, "do_not_call", None)


def test_only_open_cases_are_tasks_and_only_ones_own(scene: Scene) -> None:
    scene.phone_manager("li")
    ids = [scene.customer(called_id(number)) for number in range(3)]
    scene.act(*(scene.risk(each) for each in ids))
    for who, result in ((ids[0], Result("refused", reason="price")), (ids[1], Result("accepted", "family_plan"))):
        case = scene.case(who)
        results.record(scene.desk, case.case_id, "li", result, case.version)
    scene.phone_manager("wang")
    assert [task.subscriber_id for task in my_tasks(scene)] == [ids[2]]
    assert my_tasks(scene, "wang") == []
    with reading(scene.desk.engine) as connection:
        waiting = queue.my_waiting(connection, "li", scene.now, policy(scene))
    assert [(task.subscriber_id, task.measure) for task in waiting] == [(ids[1], "family_plan")]


def test_a_supervisor_sees_what_nobody_has_and_what_is_late(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li", capacity_a_day=1)
    ids = [scene.customer(called_id(number)) for number in range(2)]
    far = scene.customer(called_id(2), branch_id="mianyang")
    scene.act(*(scene.risk(each) for each in (*ids, far)))
    given = next(case.subscriber_id for case in scene.cases() if case.manager_id == "li")
    nobodys = next(each for each in ids if each != given)
    with reading(scene.desk.engine) as connection:
        found = queue.unassigned(connection, BRANCH, scene.now, policy(scene))
        everywhere = queue.unassigned(connection, None, scene.now, policy(scene))
        assert queue.overdue(connection, None, scene.now, policy(scene)) == []
    assert [task.subscriber_id for task in found] == [nobodys]
    assert {task.subscriber_id for task in everywhere} == {nobodys, far}
    clock.advance(hours=73)
    with reading(scene.desk.engine) as connection:
        late = queue.overdue(connection, BRANCH, scene.now, policy(scene))
    assert {(task.subscriber_id, task.is_overdue) for task in late} == {(each, True) for each in ids}


def test_the_load_of_a_branch_is_counted_by_person(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li")
    ids = [scene.customer(called_id(number)) for number in range(4)]
    scene.act(*(scene.risk(each) for each in ids[:3]), scene.risk(ids[3], "critical", "portout"))
    case = scene.case(ids[0])
    results.record(scene.desk, case.case_id, "li", Result("accepted", "family_plan"), case.version)
    scene.phone_manager("wang", capacity_a_day=7)
    scene.phone_manager("far", branch_id="mianyang")
    scene.away("wang")
    clock.advance(hours=3)
    with reading(scene.desk.engine) as connection:
        li, wang = queue.branch_load(connection, BRANCH, scene.now, policy(scene))
        assert len(queue.branch_load(connection, None, scene.now, policy(scene))) == 3
    assert li == queue.Load(
        user_id="li",
        name="Li",
        branch_id=BRANCH,
        is_absent=False,
        capacity_a_day=20,
        open=3,
        waiting=1,
        due_today=1,
        overdue=0,
        called_today=1,
    )
    assert (wang.is_absent, wang.capacity_a_day, wang.open) == (True, 7, 0)
    clock.advance(hours=2)
    with reading(scene.desk.engine) as connection:
        [li, _] = queue.branch_load(connection, BRANCH, scene.now, policy(scene))
    assert (li.due_today, li.overdue) == (0, 1)


def test_a_case_is_shown_with_all_that_happened(scene: Scene) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    case = scene.case(WHO)
    results.note(scene.desk, case.case_id, "li", "calls back")
    with reading(scene.desk.engine) as connection:
        view = queue.case_view(connection, case.case_id)
        task = queue.task(connection, case.case_id, scene.now, policy(scene))
        assert queue.case_view(connection, "none") is None
        assert queue.task(connection, "none", scene.now, policy(scene)) is None
        assert [each.case_id for each in queue.cases_of(connection, WHO)] == [case.case_id]
    assert view is not None
    assert task is not None
    assert (view.manager_name, view.case.version, task.version) == ("Li", 2, 2)
    assert [event.kind for event in view.events] == ["opened", "assigned", "note"]
    assert (view.events[2].user_name, view.events[2].note, view.events[0].user_name) == ("Li", "calls back", None)


def test_low_balances_are_listed_apart_from_cases(scene: Scene) -> None:
    scene.phone_manager("li")
    ids = [called_id(number) for number in range(5)]
    for who, balance_fen in zip(ids, (-500, 999, 1000, None, 5), strict=True):
        scene.customer(who, balance_fen=balance_fen)
    scene.customer(ids[4], balance_fen=5, on_network=False)
    scene.act(scene.risk(ids[1]))
    with reading(scene.desk.engine) as connection:
        found = queue.balance_warnings(connection, policy(scene), branch_id=BRANCH)
        own = queue.balance_warnings(connection, policy(scene), manager_id="li")
        assert queue.balance_warnings(connection, policy(scene), branch_id="mianyang") == []
    assert [(each.subscriber_id, each.balance_fen) for each in found] == [(ids[0], -500), (ids[1], 999)]
    assert [(each.subscriber_id, each.manager_id) for each in own] == [(ids[1], "li")]


def test_a_branch_knows_how_far_down_the_list_it_can_call(scene: Scene) -> None:
    scene.phone_manager("li", capacity_a_day=2)
    scene.phone_manager("wang", capacity_a_day=1)
    for number, score in enumerate((90, 80, 60, 60, 0)):
        scene.customer(called_id(number), risk_score=score, risk_level=2 if score else 0)
    with reading(scene.desk.engine) as connection:
        reach = queue.branch_reach(connection, BRANCH, scene.now, policy(scene))
    assert (reach.bound, reach.served, reach.left) == (80, 3, 1)


def test_the_list_of_tasks_uses_an_index(scene: Scene) -> None:
    if scene.desk.engine.dialect.name != "sqlite":
        return
    with reading(scene.desk.engine) as connection:
        query = queue._select_tasks(scene.now, policy(scene), (Case.manager_id == "li", Case.state == "open"))
        wording = str(query.compile(scene.desk.engine, compile_kwargs={"literal_binds": True}))
        plan = " ".join(row[-1] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {wording}")))
    assert "ix_cases_manager_state_due" in plan
    assert "ix_contacts_subscriber_at" in plan
    assert "SCAN" not in plan
