"""Time alone: what is put off comes back, what is overdue goes up, what nobody was given lapses."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from stream_app.console.cases import results
from stream_app.console.cases.results import Result
from stream_app.console.cases.sweep import sweep
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import ActedFact, CaseEvent, OutboxRecord
from tests.console.cases.scene import Scene, called_id, held_out_id
from tests.console.moments import START, SetClock

WHO = called_id()


@pytest.fixture
def task(scene: Scene) -> Scene:
    """Give a scene where li has one task."""
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    return scene


def record(scene: Scene, result: Result) -> None:
    case = scene.case(WHO)
    results.record(scene.desk, case.case_id, "li", result, case.version)


def details(scene: Scene, kind: str) -> list[dict[str, object]]:
    with reading(scene.desk.engine) as connection:
        return list(connection.scalars(select(CaseEvent.detail).where(CaseEvent.kind == kind)))


def test_a_case_is_overdue_after_its_time_and_goes_up_once(task: Scene, clock: SetClock) -> None:
    clock.advance(hours=72)
    sweep(task.desk)
    assert task.case(WHO).escalated_at is None
    clock.advance(seconds=1)
    sweep(task.desk)
    sweep(task.desk)
    assert task.case(WHO).escalated_at == clock()
    assert details(task, "escalated") == [{"why": "overdue"}]


def test_what_falls_due_in_quiet_hours_has_an_hour_after_them(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    clock.advance(hours=10)  # 20:00
    scene.act(scene.risk(WHO, "critical", "portout"))
    for hours in (5, 8.5):  # 1:00, 9:30
        clock.advance(hours=hours)
        sweep(scene.desk)
        assert scene.case(WHO).escalated_at is None
    clock.advance(hours=0.5)
    assert scene.case(WHO).due_at == clock()  # no card is due before it may be called
    clock.advance(seconds=1)
    sweep(scene.desk)
    assert scene.case(WHO).escalated_at == clock()


def test_a_case_that_nobody_has_goes_up_too(scene: Scene, clock: SetClock) -> None:
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    clock.advance(hours=73)
    sweep(scene.desk)
    assert scene.case(WHO).escalated_at == clock()


def test_what_was_put_off_is_a_task_again_at_its_time(task: Scene, clock: SetClock) -> None:
    record(task, Result("reached"))
    clock.advance(days=3, seconds=-1)
    sweep(task.desk)
    assert task.case(WHO).not_before_at is not None
    clock.advance(seconds=1)
    sweep(task.desk)
    case = task.case(WHO)
    assert (case.not_before_at, case.due_at) == (None, clock() + timedelta(hours=72))
    assert details(task, "due") == [{"why": "reached"}]


def test_a_measure_that_was_not_enrolled_in_time_is_a_task_again(task: Scene, clock: SetClock) -> None:
    record(task, Result("accepted", "family_plan"))
    clock.advance(days=7)
    sweep(task.desk)
    assert task.case(WHO).state == "waiting"
    clock.advance(seconds=1)
    sweep(task.desk)
    case = task.case(WHO)
    assert (case.state, case.manager_id, case.due_at) == ("open", "li", clock() + timedelta(hours=72))
    assert details(task, "due") == [{"why": "not_enrolled", "measure": "family_plan"}]
    task.act(task.event("measure.enrolled", WHO, measure="family_plan"))
    assert task.case(WHO).close_reason == "accepted"


def test_a_held_out_customer_who_becomes_dear_gets_a_task(scene: Scene) -> None:
    scene.phone_manager("li")
    ids = [scene.customer(held_out_id(number)) for number in range(3)]
    scene.act(*(scene.risk(each) for each in ids))
    scene.customer(ids[0], important=True)
    scene.customer(ids[1], tier="C2")
    sweep(scene.desk)
    assert [scene.case(each).state for each in ids] == ["open", "open", "held_out"]
    assert scene.case(ids[0]).manager_id == "li"


def test_who_is_held_out_is_never_overdue(scene: Scene, clock: SetClock) -> None:
    who = scene.customer(held_out_id())
    scene.act(scene.risk(who))
    clock.advance(days=100)
    sweep(scene.desk)
    assert (scene.case(who).state, scene.case(who).escalated_at) == ("held_out", None)


def test_what_nobody_was_given_lapses_and_what_somebody_has_does_not(task: Scene, clock: SetClock) -> None:
    other = task.customer(called_id(1), branch_id="mianyang")
    task.act(task.risk(other))
    clock.advance(days=17)
    sweep(task.desk)
    assert task.case(other).state == "open"
    clock.advance(seconds=1)
    sweep(task.desk)
    assert (task.case(other).close_reason, task.case(WHO).state) == ("lapsed", "open")


def test_what_somebody_had_never_lapses_though_nobody_has_it_now(task: Scene, clock: SetClock) -> None:
    task.away("li", days=60)
    sweep(task.desk)
    assert task.case(WHO).manager_id is None
    clock.advance(days=40)
    sweep(task.desk)
    assert (task.case(WHO).state, task.case(WHO).manager_id) == ("open", None)


def test_an_old_case_is_given_to_who_can_take_it_rather_than_dropped(scene: Scene, clock: SetClock) -> None:
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    clock.advance(days=40)
    scene.phone_manager("li")
    sweep(scene.desk)
    assert (scene.case(WHO).state, scene.case(WHO).manager_id) == ("open", "li")


def test_more_than_fit_in_one_transaction_are_all_swept(scene: Scene, clock: SetClock) -> None:
    ids = scene.customers([f"many-{number}" for number in range(230)], important=True)
    scene.act(*(scene.risk(each) for each in ids))
    clock.advance(days=4)
    sweep(scene.desk)
    assert {case.escalated_at for case in scene.cases()} == {clock()}
    assert len(scene.cases()) == len(ids)


def test_facts_are_forgotten_once_they_can_open_nothing(task: Scene, clock: SetClock) -> None:
    clock.advance(days=105)
    late = task.risk(WHO, "none", at=START)
    sweep(task.desk)
    with reading(task.desk.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(ActedFact)) == 0
    task.act(late)
    assert task.case(WHO).close_reason == "cleared"


def test_what_was_published_long_ago_is_forgotten_and_what_waits_is_kept(task: Scene, clock: SetClock) -> None:
    record(task, Result("reached"))
    with writing(task.desk.engine) as connection:
        row = {"topic": "task-results", "key": WHO, "value": "{}", "made_at": START}
        connection.execute(insert(OutboxRecord), row | {"sent_at": START})
    clock.advance(days=105)
    sweep(task.desk)
    with reading(task.desk.engine) as connection:
        assert connection.execute(select(OutboxRecord.sent_at)).scalars().all() == [None]


def test_a_call_takes_an_overdue_case_off_the_supervisors_list(task: Scene, clock: SetClock) -> None:
    clock.advance(hours=73)
    sweep(task.desk)
    record(task, Result("reached"))
    assert task.case(WHO).escalated_at is None
    sweep(task.desk)
    assert task.case(WHO).escalated_at is None
    clock.advance(days=7)
    sweep(task.desk)
    assert task.case(WHO).escalated_at == clock()
