"""What happens to cases is told to those it is for: once, by pseudonymous ids, with the page to open."""

import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stream_app.console.cases import assigning, opening, sweep
from stream_app.console.channels.wording import Wording
from stream_app.console.desk import Desk
from stream_app.console.store.database import writing
from tests.console.cases.scene import Scene, called_id
from tests.console.channels.people import channels, deliveries
from tests.console.either import BOTH
from tests.console.moments import SetClock

WHO = called_id()
FILE = "channels: [{name: team, kind: wecom, url_env: U, keeps_quiet: false}]"


@pytest.fixture
def scene(desk: Desk, tmp_path: Path) -> Scene:
    scene = Scene(desk._replace(channels=channels(tmp_path, FILE, U="http://127.0.0.1:9/robot")))
    scene.phone_manager("li")
    scene.phone_manager("wang", capacity_a_day=0)
    scene.supervisor("boss")
    scene.supervisor("far", branch_id="leshan")
    scene.supervisor("whole", branch_id=None)
    scene.customer(WHO)
    return scene


def told(scene: Scene) -> list[tuple[str, str]]:
    return sorted((str(row["user_id"]), row["template"]) for row in deliveries(scene.desk.engine))


@BOTH
def test_a_new_task_is_told_to_its_phone_manager_once_however_often_the_fact_comes(scene: Scene) -> None:
    fact = scene.risk(WHO)
    for _ in range(2):
        with writing(scene.desk.engine) as connection:
            opening.act(connection, scene.desk, [fact])
        sweep.sweep(scene.desk)
    assert told(scene) == [("li", "task_assigned")]
    (row,) = deliveries(scene.desk.engine)
    case = scene.case(WHO)
    assert (row["subject"]["case_id"], row["subject"]["subscriber_id"]) == (case.case_id, WHO)
    assert set(row["subject"]) == {"case_id", "subscriber_id", "kind", "leading", "tier", "due_at", "at", "urgent"}


@pytest.mark.parametrize(("indicator", "is_urgent"), [("silent_days", False), ("portout", True)])
def test_what_is_to_be_done_within_hours_is_urgent(scene: Scene, indicator: str, *, is_urgent: bool) -> None:
    scene.act(scene.risk(WHO, "critical", indicator))
    sweep.sweep(scene.desk)
    assert [row["subject"]["urgent"] for row in deliveries(scene.desk.engine)] == [is_urgent]


def test_what_is_overdue_is_told_to_the_supervisors_of_the_branch(scene: Scene, clock: SetClock) -> None:
    scene.act(scene.risk(WHO))
    sweep.sweep(scene.desk)
    clock.advance(days=6)
    for _ in range(2):
        sweep.sweep(scene.desk)
    assert [each for each in told(scene) if each[1] == "escalated"] == [("boss", "escalated"), ("whole", "escalated")]


def test_a_case_that_is_handed_over_is_told_to_who_takes_it_each_time(scene: Scene, clock: SetClock) -> None:
    scene.act(scene.risk(WHO))
    sweep.sweep(scene.desk)
    for to in ("wang", "li", "wang"):
        clock.advance(minutes=5)
        case = scene.case(WHO)
        assigning.assign(scene.desk, case.case_id, "boss", to, case.version)
    handed: Any = [each for each in told(scene) if each[1] == "handed_over"]
    assert handed == [("li", "handed_over"), ("wang", "handed_over"), ("wang", "handed_over")]


def test_what_is_handed_over_is_not_urgent_whatever_the_reason(scene: Scene, clock: SetClock) -> None:
    scene.act(scene.risk(WHO, "critical", "portout"))
    sweep.sweep(scene.desk)
    clock.advance(minutes=5)
    case = scene.case(WHO)
    assigning.assign(scene.desk, case.case_id, "boss", "wang", case.version)
    urgent = {row["template"]: row["subject"]["urgent"] for row in deliveries(scene.desk.engine)}
    assert urgent == {"task_assigned": True, "handed_over": False}


@pytest.mark.parametrize("hours", [0, 9])  # by day, and in the evening, when four hours end in the night
def test_a_message_names_the_time_that_stands_in_the_case_and_no_other(
    scene: Scene, clock: SetClock, hours: int
) -> None:
    clock.advance(hours=hours)
    scene.act(scene.risk(WHO, "critical", "portout"))
    sweep.sweep(scene.desk)
    case, zone = scene.case(WHO), scene.desk.policies.versions[0].billing.zone
    due = f"{case.due_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    (row,) = deliveries(scene.desk.engine)
    for language in ("en", "zh"):
        _, text = Wording("https://desk.example", zone).write(row["template"], language, row["subject"])
        assert re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", text) == [due]


def test_without_channels_nothing_is_queued(scene: Scene) -> None:
    silent = Scene(scene.desk._replace(channels=()))
    silent.act(silent.risk(WHO))
    sweep.sweep(silent.desk)
    assert silent.case(WHO).manager_id == "li"
    assert deliveries(silent.desk.engine) == []
