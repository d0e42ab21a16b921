"""Cases find their phone managers: by branch, skill, presence and room; the same one again."""

import pytest

from stream_app.console.cases import assigning, books, results
from stream_app.console.cases.refused import Refused
from stream_app.console.cases.results import Result
from stream_app.console.cases.sweep import sweep
from stream_app.console.store.database import reading
from stream_app.core.desk.course import CaseState
from tests.console.cases.scene import Scene, called_id
from tests.console.moments import SetClock

WHO = called_id()


def owner(scene: Scene, who: str = WHO) -> str | None:
    with reading(scene.desk.engine) as connection:
        return books.owner_of(connection, who)


def close(scene: Scene, who: str = WHO) -> None:
    case = scene.cases(who)[-1]
    results.record(scene.desk, case.case_id, str(case.manager_id), Result("refused", reason="price"), case.version)


def again(scene: Scene, clock: SetClock, who: str = WHO) -> CaseState:
    close(scene, who)
    clock.advance(days=20)
    scene.act(scene.risk(who))
    return scene.cases(who)[-1]


def refusal(scene: Scene, by: str, to: str, version: int | None = None) -> str:
    case = scene.case(WHO)
    with pytest.raises(Refused) as caught:
        assigning.assign(scene.desk, case.case_id, by, to, case.version if version is None else version)
    return caught.value.code


def test_whose_customer_it_is_stays_so(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    assert owner(scene) == "li"
    for name in ("an", "bo", "wang"):
        scene.phone_manager(name)
    assert again(scene, clock).manager_id == "li"


def test_a_tier_goes_to_who_has_the_skill(scene: Scene) -> None:
    scene.phone_manager("li", tiers=["C5", "C6"])
    scene.phone_manager("wang", tiers=["C3"])
    scene.customer(WHO)
    scene.act(scene.risk(WHO, tier="C3"))
    assert scene.case(WHO).manager_id == "wang"


def test_who_has_no_room_gets_no_more_and_the_rest_wait_for_tomorrow(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li", capacity_a_day=2)
    scene.phone_manager("wang", capacity_a_day=1)
    ids = [scene.customer(called_id(number)) for number in range(5)]
    scene.act(*(scene.risk(each) for each in ids))
    given = [case.manager_id for case in scene.cases()]
    assert sorted(map(str, given)) == ["None", "None", "li", "li", "wang"]
    sweep(scene.desk)
    assert [case.manager_id for case in scene.cases()] == given
    clock.advance(days=1)
    sweep(scene.desk)
    assert None not in [case.manager_id for case in scene.cases()]


def test_room_counts_the_calls_of_a_day_and_not_what_was_cleared_before_one(scene: Scene) -> None:
    scene.phone_manager("li", capacity_a_day=1)
    ids = [scene.customer(called_id(number)) for number in range(3)]
    scene.act(scene.risk(ids[0]))
    scene.act(scene.risk(ids[0], "none"), scene.risk(ids[1]))
    assert scene.case(ids[1]).manager_id == "li"
    close(scene, ids[1])
    scene.act(scene.risk(ids[2]))
    assert scene.case(ids[2]).manager_id is None


def test_the_most_urgent_get_the_room_there_is(scene: Scene) -> None:
    scene.phone_manager("li", capacity_a_day=1)
    calm, urgent = scene.customer(WHO), scene.customer(called_id(1))
    scene.act(scene.risk(calm), scene.risk(urgent, "critical", "portout"))
    assert (scene.case(calm).manager_id, scene.case(urgent).manager_id) == (None, "li")


def test_nobody_there_leaves_it_to_the_supervisor_and_the_next_sweep(scene: Scene) -> None:
    scene.phone_manager("li", branch_id="mianyang")
    scene.phone_manager("wang", is_active=False)
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    assert scene.case(WHO).manager_id is None
    scene.phone_manager("an")
    sweep(scene.desk)
    assert (scene.case(WHO).manager_id, owner(scene)) == ("an", "an")


def test_a_case_of_who_is_away_is_handed_over_and_the_customer_comes_back(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    scene.phone_manager("wang")
    scene.away("li", days=3)
    sweep(scene.desk)
    assert (scene.case(WHO).manager_id, owner(scene)) == ("wang", "li")
    assert scene.log(WHO) == ["opened", "assigned", "handed_over"]
    sweep(scene.desk)
    assert scene.log(WHO) == ["opened", "assigned", "handed_over"]
    assert again(scene, clock).manager_id == "li"


def test_a_new_case_of_who_is_away_goes_to_another_for_the_time(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    close(scene)
    clock.advance(days=20)
    scene.away("li", days=1)
    scene.phone_manager("wang")
    scene.act(scene.risk(WHO))
    assert (scene.cases(WHO)[-1].manager_id, owner(scene)) == ("wang", "li")


def test_the_customers_of_who_left_are_others_from_then_on(scene: Scene) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    scene.phone_manager("wang")
    scene.change_user("li", is_active=False)
    sweep(scene.desk)
    assert (scene.case(WHO).manager_id, owner(scene)) == ("wang", "wang")


def test_with_nobody_to_take_them_the_cases_of_who_is_away_are_nobodys(scene: Scene) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    scene.away("li")
    sweep(scene.desk)
    assert (scene.case(WHO).manager_id, scene.case(WHO).assigned_at, owner(scene)) == (None, None, "li")
    version = scene.case(WHO).version
    sweep(scene.desk)
    assert scene.case(WHO).version == version


def test_a_supervisor_gives_a_case_to_whom_they_choose(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li")
    scene.supervisor()
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    scene.phone_manager("wang")
    clock.advance(days=4)
    sweep(scene.desk)
    assert scene.case(WHO).escalated_at is not None
    case = scene.case(WHO)
    assigning.assign(scene.desk, case.case_id, "boss", "wang", case.version, "she knows him")
    case = scene.case(WHO)
    assert (case.manager_id, owner(scene), case.escalated_at) == ("wang", "wang", None)
    assert case.due_at > scene.now
    assert again(scene, clock).manager_id == "wang"


def test_what_a_supervisor_cannot_do_is_refused(scene: Scene) -> None:
    scene.phone_manager("li")
    scene.phone_manager("young", tiers=["C6"])
    scene.phone_manager("gone", is_active=False)
    scene.phone_manager("ill")
    scene.away("ill")
    scene.supervisor()
    scene.supervisor("far", branch_id="mianyang")
    scene.customer(WHO)
    scene.act(scene.risk(WHO, tier="C4"))
    assert refusal(scene, "far", "li") == "not_allowed"
    assert refusal(scene, "li", "li") == "not_allowed"
    assert [refusal(scene, "boss", to) for to in ("gone", "ill", "nobody")] == ["away"] * 3
    assert refusal(scene, "boss", "young") == "not_served"
    assert refusal(scene, "boss", "li", version=0) == "stale"
    close(scene)
    assert refusal(scene, "boss", "li") == "closed"


def test_all_cases_of_one_are_handed_over_with_a_note(scene: Scene) -> None:
    scene.phone_manager("li")
    scene.supervisor()
    ids = [scene.customer(called_id(number)) for number in range(3)]
    scene.act(*(scene.risk(each) for each in ids))
    scene.phone_manager("wang")
    assert assigning.hand_over(scene.desk, "li", "boss", "li moves to the counter", "wang") == (3, 0)
    assert {case.manager_id for case in scene.cases()} == {"wang"}
    assert [owner(scene, each) for each in ids] == ["wang"] * 3
    assert assigning.hand_over(scene.desk, "wang", "boss") == (3, 0)  # by the rules: to others
    assert {case.manager_id for case in scene.cases()} == {"li"}
    assert [owner(scene, each) for each in ids] == ["wang"] * 3
    with pytest.raises(Refused, match="only a supervisor"):
        assigning.hand_over(scene.desk, "wang", "li")
    with pytest.raises(Refused, match="no such phone manager"):
        assigning.hand_over(scene.desk, "nobody", "boss")


def test_cases_handed_over_by_the_rules_go_to_others_at_once_and_stay_with_them(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li")
    scene.supervisor()
    scene.customer(WHO, important=True)
    scene.act(scene.risk(WHO, "critical", "portout"))
    scene.phone_manager("wang")
    clock.advance(days=40)  # old news: what nobody was given would lapse
    assert assigning.hand_over(scene.desk, "li", "boss") == (1, 0)
    assert scene.log(WHO)[-1] == "handed_over"
    sweep(scene.desk)
    assert (scene.case(WHO).state, scene.case(WHO).manager_id) == ("open", "wang")


def test_cases_that_nobody_else_can_take_stay_with_who_has_them(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li")
    scene.phone_manager("young", tiers=["C6"])
    scene.supervisor()
    for number, tier in enumerate(("C3", "C4", "C6")):
        scene.act(scene.risk(scene.customer(called_id(number)), tier=tier))
    clock.advance(days=40)
    by_hand = {case.case_id for case in scene.cases() if case.manager_id == "li"}
    moved, kept = assigning.hand_over(scene.desk, "li", "boss")
    assert (moved + kept, kept) == (len(by_hand), 2)
    assert assigning.hand_over(scene.desk, "li", "boss", to_user_id="young") == (0, 2)
    sweep(scene.desk)
    assert [case.state for case in scene.cases()] == ["open"] * 3
    assert [case.manager_id for case in scene.cases() if case.tier != "C6"] == ["li", "li"]


def test_do_not_call_is_noted_by_whose_customer_it_is(scene: Scene) -> None:
    scene.phone_manager("li")
    scene.phone_manager("wang", branch_id="mianyang")
    scene.supervisor()
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    for user_id in ("li", "boss"):
        books.set_do_not_call(scene.desk, WHO, user_id, do_not_call=True, note="asked for it")
    assert owner(scene) == "li"
    with pytest.raises(Refused, match="another phone manager"):
        books.set_do_not_call(scene.desk, WHO, "wang", do_not_call=False)
    with pytest.raises(Refused, match="no such customer"):
        books.set_do_not_call(scene.desk, "nobody", "boss", do_not_call=True)
