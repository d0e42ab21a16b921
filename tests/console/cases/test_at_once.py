"""Many people at once: a result counts once, and nobody waits for ever."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from stream_app.console.cases import assigning, results
from stream_app.console.cases.refused import Refused
from stream_app.console.cases.results import Result
from stream_app.console.cases.sweep import sweep
from tests.console.cases.scene import Scene, called_id

AT_ONCE = 8


def test_of_many_who_send_the_same_form_one_is_heard(scene: Scene) -> None:
    who = scene.customer(called_id())
    scene.phone_manager("li")
    scene.act(scene.risk(who))
    case = scene.case(who)

    def send(_: int) -> str:
        try:
            results.record(scene.desk, case.case_id, "li", Result("not_reached"), case.version)
        except Refused as refused:
            return refused.code
        return "taken"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = Counter(pool.map(send, range(AT_ONCE)))
    assert answers == {"taken": 1, "stale": AT_ONCE - 1}
    assert (scene.case(who).attempts, scene.case(who).version) == (1, case.version + 1)


def test_facts_results_hand_overs_and_the_sweep_go_on_side_by_side(scene: Scene) -> None:
    ids = scene.customers([f"many-{number}" for number in range(40)], important=True)
    for name in ("an", "li", "wang"):
        scene.phone_manager(name, capacity_a_day=100)
    scene.supervisor()
    scene.act(*(scene.risk(each) for each in ids))
    again = [scene.risk(each, "critical", "complaints") for each in ids]

    def work(number: int) -> None:
        if number % 4 == 0:
            scene.act(*again[10 * (number // 4) :][:10])
        elif number % 4 == 1:
            sweep(scene.desk)
        elif number % 4 == 2:
            assigning.hand_over(scene.desk, ("an", "li", "wang")[number % 3], "boss")
        else:
            case = scene.case(ids[number])
            try:
                results.record(scene.desk, case.case_id, "boss", Result("refused", reason="price"), case.version)
            except Refused as refused:
                assert refused.code == "stale"  # noqa: PT017 - the other way it may end

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert len(list(pool.map(work, range(16)))) == 16
    unclosed = Counter(case.subscriber_id for case in scene.cases() if case.state != "closed")
    assert set(unclosed.values()) == {1}
    assert all(case.manager_id in {"an", "li", "wang"} for case in scene.cases())
