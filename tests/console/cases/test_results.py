"""Results of calls: what they make of the case, and what is published; what does not fit is refused in words."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from stream_app.console.cases import books, results
from stream_app.console.cases.results import Refused, Result
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import CaseEvent, Contact, OutboxRecord
from stream_app.core.events import ContactResulted
from stream_app.wire.decode import Decoder
from tests.console.cases.scene import Scene, called_id, held_out_id
from tests.console.moments import START, SetClock

WHO = called_id()
REFUSED = Result("refused", reason="too dear")


@pytest.fixture
def task(scene: Scene) -> Scene:
    """Give a scene where li has one task."""
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO))
    return scene


def record(scene: Scene, result: Result, user_id: str = "li", who: str = WHO) -> None:
    case = scene.cases(who)[-1]
    results.record(scene.desk, case.case_id, user_id, result, case.version)


def refusal(scene: Scene, result: Result, user_id: str = "li") -> str:
    with pytest.raises(Refused) as caught:
        record(scene, result, user_id)
    return caught.value.code


def rows(scene: Scene, table: Any) -> list[dict[str, Any]]:
    with reading(scene.desk.engine) as connection:
        query = select(table.__table__).order_by(*table.__table__.primary_key)
        return [dict(row) for row in connection.execute(query).mappings()]


def test_a_result_is_published_as_the_contract_says(task: Scene) -> None:
    record(task, Result("refused", "family_plan", "太贵了", "<b>half price</b>", "call his wife"))
    [sent] = rows(task, OutboxRecord)
    event = Decoder(task.desk.policies.calendar).event("task-results", WHO.encode(), sent["value"].encode())
    [contact] = rows(task, Contact)
    assert event == ContactResulted(
        event_id=contact["event_id"],
        subscriber_id=WHO,
        occurred_at=START,
        case_id=task.case(WHO).case_id,
        outcome="refused",
        measure="family_plan",
        reason="太贵了",
        competitor_offer="<b>half price</b>",
    )
    assert (sent["topic"], sent["key"], sent["sent_at"]) == ("task-results", WHO, None)
    assert orjson.loads(sent["value"]).keys() == set(ContactResulted.__struct_fields__) | {"type"}
    assert "wife" not in sent["value"]


def test_what_was_not_said_is_not_published(task: Scene) -> None:
    record(task, Result("reached"))
    assert orjson.loads(rows(task, OutboxRecord)[0]["value"]).keys() == {
        "event_id", "type", "subscriber_id", "occurred_at", "case_id", "outcome",
    }  # fmt: skip


def test_a_refusal_closes_the_case_and_the_log_says_who_and_what(task: Scene) -> None:
    record(task, Result("refused", None, "too dear", "20 yuan less", "was polite"))
    case = task.case(WHO)
    assert (case.state, case.close_reason, case.closed_at, case.outcome) == ("closed", "refused", START, "refused")
    contacted = next(row for row in rows(task, CaseEvent) if row["kind"] == "contacted")
    assert (contacted["user_id"], contacted["note"]) == ("li", "was polite")
    assert contacted["detail"] == {
        "outcome": "refused", "attempts": 0, "reason": "too dear", "competitor_offer": "20 yuan less",
    }  # fmt: skip
    assert task.log(WHO) == ["opened", "assigned", "contacted", "closed"]


def test_an_accepted_measure_waits_for_its_enrolment(task: Scene, clock: SetClock) -> None:
    record(task, Result("accepted", "family_plan"))
    case = task.case(WHO)
    assert (case.state, case.measure, case.due_at) == ("waiting", "family_plan", START + timedelta(days=7))
    clock.advance(days=1)
    task.act(task.event("measure.enrolled", WHO, measure="mailbox"))
    assert task.case(WHO).state == "waiting"
    task.act(task.event("measure.enrolled", WHO, measure="family_plan"))
    assert (task.case(WHO).state, task.case(WHO).close_reason) == ("closed", "accepted")


def test_an_accepted_measure_is_done_when_the_risk_falls(task: Scene) -> None:
    record(task, Result("accepted", "family_plan"))
    task.act(task.risk(WHO, "watch"))
    assert task.case(WHO).close_reason == "accepted"


def test_a_measure_enrolled_before_the_result_came_closes_the_case_at_once(task: Scene, clock: SetClock) -> None:
    clock.advance(hours=1)
    task.holds(WHO, "family_plan")
    record(task, Result("accepted", "family_plan"))
    assert task.case(WHO).close_reason == "accepted"


def test_a_measure_held_from_before_the_case_is_no_enrolment_of_what_was_accepted(
    scene: Scene, clock: SetClock
) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.holds(WHO, "family_plan")
    clock.advance(hours=1)
    scene.act(scene.risk(WHO))
    record(scene, Result("accepted", "family_plan"))
    assert scene.case(WHO).state == "waiting"


def test_something_urgent_opens_a_case_again_that_waits_for_an_enrolment(task: Scene) -> None:
    record(task, Result("accepted", "family_plan"))
    task.act(task.risk(WHO, "high", "silent_days"))
    assert task.case(WHO).state == "waiting"
    task.act(task.risk(WHO, "critical", "portout"))
    assert (task.case(WHO).state, task.case(WHO).due_at) == ("open", START + timedelta(hours=4))


def test_who_was_reached_is_followed_up_and_only_news_hurries(task: Scene) -> None:
    record(task, Result("reached", note="thinks about it"))
    later = START + timedelta(days=3)
    case = task.case(WHO)
    assert (case.state, case.not_before_at, case.due_at) == ("open", later, later + timedelta(hours=72))
    task.act(task.risk(WHO, "high", "complaints"))
    assert task.case(WHO).not_before_at == later
    task.act(task.risk(WHO, "high", "complaints", "call_forwarding"))
    assert (task.case(WHO).not_before_at, task.case(WHO).due_at) == (None, START + timedelta(hours=24))


def test_who_was_not_reached_is_tried_again_then_goes_to_the_supervisor_then_rests(
    task: Scene, clock: SetClock
) -> None:
    for attempt in (1, 2):
        record(task, Result("not_reached"))
        assert task.case(WHO).not_before_at == clock() + timedelta(hours=24)
        assert (task.case(WHO).attempts, task.case(WHO).escalated_at) == (attempt, None)
        clock.advance(days=1)
    record(task, Result("not_reached"))
    assert (task.case(WHO).attempts, task.case(WHO).escalated_at) == (3, clock())
    clock.advance(days=1)
    record(task, Result("not_reached"))
    assert (task.case(WHO).state, task.case(WHO).close_reason) == ("closed", "unreachable")
    assert task.log(WHO)[-3:] == ["escalated", "contacted", "closed"]
    assert task.case(WHO).outcome == "not_reached"
    assert len({row["event_id"] for row in rows(task, Contact)}) == 4


def test_who_asked_for_a_port_out_is_tried_again_within_hours(scene: Scene) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO, "critical", "portout"))
    record(scene, Result("not_reached"))
    assert scene.case(WHO).not_before_at == START + timedelta(hours=4)
    assert scene.case(WHO).due_at == START + timedelta(days=1)  # 10:00: once a day is called, and from 9:00 on


@pytest.mark.parametrize(
    ("hours", "why"), [(0, None), (1, "try_again"), (5, "called_today"), (11, "called_today"), (23, None)]
)
def test_who_may_not_be_called_cannot_have_been_missed_but_may_have_called(
    scene: Scene, clock: SetClock, hours: float, why: str | None
) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO, "critical", "portout"))
    if hours:
        record(scene, Result("not_reached"))
    clock.advance(hours=hours)
    if why is None:
        record(scene, Result("not_reached"))
        return
    calls = len(rows(scene, Contact))
    assert refusal(scene, Result("not_reached")) == why
    assert len(rows(scene, Contact)) == calls
    record(scene, Result("reached"))


def test_nobody_is_missed_in_quiet_hours_nor_before_the_day_agreed_nor_who_is_not_to_be_called(
    task: Scene, clock: SetClock
) -> None:
    clock.advance(hours=11)  # 21:00
    assert refusal(task, Result("not_reached")) == "quiet_hours"
    record(task, Result("reached"))
    clock.advance(days=1, hours=-6)
    assert refusal(task, Result("not_reached")) == "not_before"
    clock.advance(days=5)
    books.set_do_not_call(task.desk, WHO, "li", do_not_call=True)
    assert refusal(task, Result("not_reached")) == "do_not_call"
    record(task, REFUSED)


def test_a_customer_rests_after_a_result_unless_it_gets_worse(task: Scene, clock: SetClock) -> None:
    record(task, REFUSED)
    clock.advance(days=1)
    task.act(task.risk(WHO, "high", "complaints"))
    assert len(task.cases(WHO)) == 1
    task.act(task.risk(WHO, "critical", "complaints"))
    assert len(task.cases(WHO)) == 2


def test_a_customer_rests_after_a_result_unless_something_urgent_is_new(scene: Scene, clock: SetClock) -> None:
    scene.phone_manager("li")
    scene.customer(WHO)
    scene.act(scene.risk(WHO, "critical", "portout"))
    record(scene, REFUSED)
    clock.advance(days=13)
    scene.act(scene.risk(WHO, "critical", "portout", "silent_days"))
    assert len(scene.cases(WHO)) == 1
    scene.act(scene.risk(WHO, "critical", "portout", "complaints_escalated"))
    assert len(scene.cases(WHO)) == 2


def test_after_the_rest_a_customer_is_called_again(task: Scene, clock: SetClock) -> None:
    record(task, REFUSED)
    clock.advance(days=14)
    task.act(task.risk(WHO))
    assert [case.state for case in task.cases(WHO)] == ["closed", "open"]


MISFITS = [
    (Result("gone"), "unknown_outcome"),
    (Result("accepted"), "measure_missing"),
    (Result("accepted", " "), "measure_missing"),
    (Result("accepted", "free_beer"), "unknown_measure"),
    (Result("refused"), "reason_missing"),
    (Result("refused", reason=" "), "reason_missing"),
    (Result("refused", reason="price", script_id="none"), "unknown_script"),
    (Result("refused", reason="x" * 257), "too_long"),
    (Result("refused", competitor_offer="x" * 257), "too_long"),
    (Result("refused", note="x" * 1025), "too_long"),
    (Result("refused", note="a\x00b"), "not_text"),
    (Result("refused", reason="\ud800"), "not_text"),
]


def test_what_does_not_fit_is_refused_and_changes_nothing(task: Scene) -> None:
    assert [refusal(task, result) for result, _ in MISFITS] == [code for _, code in MISFITS]
    assert task.case(WHO).version == 1
    assert rows(task, OutboxRecord) == rows(task, Contact) == []


def test_the_longest_texts_are_kept_whole(task: Scene) -> None:
    told = Result("refused", None, "理" * 256, "x" * 256, "\n".join(["n" * 511] * 2))
    record(task, told)
    [contact] = rows(task, Contact)
    assert (contact["reason"], contact["competitor_offer"]) == (told.reason, told.competitor_offer)


def test_any_measure_of_the_policy_can_be_reported(task: Scene) -> None:
    record(task, Result("accepted", "experience_analysis"))
    assert task.case(WHO).measure == "experience_analysis"


def test_a_stale_form_is_refused(task: Scene) -> None:
    case = task.case(WHO)
    task.act(task.tier(WHO, "C4", "C5"))
    with pytest.raises(Refused, match="look at it again") as caught:
        results.record(task.desk, case.case_id, "li", REFUSED, case.version)
    assert caught.value.code == "stale"


def test_a_form_that_is_sent_twice_counts_once(task: Scene) -> None:
    case = task.case(WHO)
    results.record(task.desk, case.case_id, "li", Result("not_reached"), case.version)
    with pytest.raises(Refused, match="look at it again"):
        results.record(task.desk, case.case_id, "li", Result("not_reached"), case.version)
    assert len(rows(task, Contact)) == 1


def test_the_case_of_another_is_refused_and_the_supervisor_of_the_branch_may(task: Scene) -> None:
    task.phone_manager("wang")
    task.supervisor("far", branch_id="mianyang")
    task.supervisor("boss")
    task.user("chief", role="management")
    assert [refusal(task, REFUSED, each) for each in ("wang", "far", "chief")] == ["not_yours"] * 3
    assert refusal(task, REFUSED, "nobody") == "not_allowed"
    record(task, REFUSED, "boss")
    assert task.case(WHO).close_reason == "refused"


def test_who_no_longer_works_here_is_refused(task: Scene) -> None:
    task.change_user("li", is_active=False)
    assert refusal(task, REFUSED) == "not_allowed"


def test_a_case_that_is_closed_or_held_out_or_none_is_refused(task: Scene) -> None:
    record(task, REFUSED)
    assert refusal(task, REFUSED) == "closed"
    with pytest.raises(Refused, match="no such case"):
        results.record(task.desk, "none", "li", REFUSED, 0)
    who = task.customer(held_out_id())
    task.act(task.risk(who))
    with pytest.raises(Refused, match="not called"):
        record(task, REFUSED, "li", who)


def test_a_note_is_kept_for_whoever_works_the_case(task: Scene) -> None:
    case_id = task.case(WHO).case_id
    results.note(task.desk, case_id, "li", "  <script>alert(1)</script>\n晚上打  ")
    noted = rows(task, CaseEvent)[-1]
    assert (noted["kind"], noted["user_id"]) == ("note", "li")
    assert noted["note"] == "<script>alert(1)</script>\n晚上打"
    for user_id, text, code in [("li", " ", "empty"), ("boss", "x", "not_yours"), ("li", "x" * 1025, "too_long")]:
        if user_id == "boss":
            task.phone_manager("boss")
        with pytest.raises(Refused) as caught:
            results.note(task.desk, case_id, user_id, text)
        assert caught.value.code == code


def test_the_rest_begins_within_the_batch_that_closes_the_case(task: Scene) -> None:
    record(task, Result("accepted", "family_plan"))
    task.act(task.event("measure.enrolled", WHO, measure="family_plan"), task.risk(WHO, "high", "complaints"))
    assert [case.close_reason for case in task.cases(WHO)] == ["accepted"]
