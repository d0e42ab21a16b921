"""Who is told of a case: whoever gets it, at once; again only where something hurries."""

from pathlib import Path

import pytest
from sqlalchemy import select

from stream_app.console.channels.declared import load_channels
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import Delivery
from tests.console.cases.scene import Scene, called_id, held_out_id

WHO = called_id()
CHANNELS = "channels:\n  - {name: robot, kind: wecom, url_env: ROBOT}\n"


@pytest.fixture
def scene(desk: Desk, tmp_path: Path) -> Scene:
    """Give a desk with a channel, and one phone manager."""
    declared = tmp_path / "channels.yaml"
    declared.write_text(CHANNELS, encoding="utf-8")
    found = Scene(desk._replace(channels=load_channels(declared, {"ROBOT": "http://127.0.0.1:9/"})))
    found.phone_manager("li")
    return found


def told(scene: Scene) -> list[tuple[str, str | None, str]]:
    with reading(scene.desk.engine) as connection:
        query = select(Delivery.template, Delivery.user_id, Delivery.subject).order_by(Delivery.made_at)
        return sorted((template, who, subject["leading"]) for template, who, subject in connection.execute(query))


def test_whoever_gets_a_case_is_told_and_told_again_of_news_alone(scene: Scene) -> None:
    scene.customer(WHO)
    scene.act(scene.risk(WHO, "high", "silent_days"))
    assert told(scene) == [("task_assigned", "li", "silent_days")]
    scene.act(scene.risk(WHO, "high", "complaints"))
    assert len(told(scene)) == 1
    scene.act(scene.risk(WHO, "high", "portout"))
    assert told(scene) == [("task_assigned", "li", "portout"), ("task_assigned", "li", "silent_days")]


def test_nobody_is_told_of_who_is_held_out_or_cleared_at_once(scene: Scene) -> None:
    who = scene.customer(held_out_id())
    scene.customer(WHO)
    scene.act(scene.risk(who), scene.risk(WHO), scene.risk(WHO, "none"))
    assert told(scene) == []


def test_a_case_of_many_reasons_in_one_batch_is_told_once(scene: Scene) -> None:
    scene.customer(WHO)
    scene.act(scene.risk(WHO), scene.tier(WHO, "C4", "C5"), scene.risk(WHO, "critical", "portout"))
    assert told(scene) == [("task_assigned", "li", "portout")]
