"""The tail of the cases' log: what comes after the first look is counted once, whoever looks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from sqlalchemy import insert

from stream_app.console.cases import rows
from stream_app.console.cases.tail import CaseLogTail
from stream_app.console.store.database import writing
from stream_app.console.store.work_tables import Case
from stream_app.core.desk.course import Happened
from tests.console.cases.scene import Scene

AT = datetime(2025, 6, 1, tzinfo=UTC)


def log(scene: Scene, *entries: tuple[str, dict[str, str]]) -> None:
    with writing(scene.desk.engine) as connection:
        rows.log(connection, [Happened("c1", AT, kind, detail) for kind, detail in entries])


def with_a_case(scene: Scene) -> None:
    row = {
        "case_id": "c1", "subscriber_id": "s1", "kind": "keep", "state": "open", "opened_at": AT, "due_at": AT,
        "level": 2, "score": 50, "value_class": "none", "arpu_fen": 0, "leading": "pace", "reasons": [],
        "suggested_measures": [], "offers": [],
    }  # fmt: skip
    with writing(scene.desk.engine) as connection:
        connection.execute(insert(Case), [row])


def test_what_happened_before_the_first_look_is_not_counted_and_what_comes_after_is_once(scene: Scene) -> None:
    with_a_case(scene)
    log(scene, ("opened", {}))
    tail = CaseLogTail()
    assert tail.look(scene.desk) == {}
    log(scene, ("contacted", {"outcome": "refused"}), ("closed", {"close_reason": "refused"}), ("note", {}))
    log(scene, ("contacted", {"outcome": "refused"}))
    found = tail.look(scene.desk)
    assert found == {("contacted", "refused"): 2, ("closed", "refused"): 1, ("note", ""): 1}
    assert tail.look(scene.desk) == {}


def test_two_who_look_at_once_count_each_entry_once(scene: Scene) -> None:
    with_a_case(scene)
    tail = CaseLogTail()
    tail.look(scene.desk)
    log(scene, *[("note", {})] * 50)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: tail.look(scene.desk), range(8)))
    assert sum(each.total() for each in found) == 50
