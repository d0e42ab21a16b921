"""Who is told what through which channel, and when; told once."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.console.channels.declared import Channel
from stream_app.console.channels.telling import quiet_end, tell
from stream_app.console.desk import Desk
from stream_app.console.store.database import writing
from stream_app.core.desk.policy import DeskPolicy
from tests.console.channels.people import add_user, channels, deliveries, task, with_user
from tests.console.either import BOTH
from tests.console.moments import START, SetClock

FILE = """
channels:
  - {name: east, kind: wecom, url_env: U, branches: [east], roles: [manager]}
  - {name: all, kind: wecom, url_env: U, roles: [manager, supervisor]}
  - {name: post, kind: mail, host: mx.example, sender: desk@example.org, roles: [manager], keeps_quiet: false}
"""
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def three(tmp_path: Path) -> tuple[Channel, ...]:
    return channels(tmp_path, FILE, U="http://127.0.0.1:9/robot")


def told(desk: Desk, user_id: str, **more: Any) -> list[tuple[str, str]]:
    with writing(desk.engine) as connection:
        tell(connection, desk, "task_assigned", task(**more), user_id)
    return [(row["channel"], row["address"]) for row in deliveries(desk.engine)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [("all", ""), ("east", "")]),
        ({"branch_id": "west"}, [("all", "")]),
        ({"branch_id": None, "role": "supervisor"}, [("all", "")]),
        ({"role": "management"}, []),
        ({"is_active": False}, []),
        ({"channels": {"wecom": "zhang", "all": False}}, [("east", "zhang")]),
        ({"channels": {"mail": "zhang@example.org"}}, [("all", ""), ("east", ""), ("post", "zhang@example.org")]),
        ({"channels": {"mail": "a@example.org", "post": "b@example.org", "all": False, "east": False}},
         [("post", "b@example.org")]),
    ],
)  # fmt: skip
def test_a_channel_tells_those_it_serves(
    desk: Desk, three: tuple[Channel, ...], given: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert told(with_user(desk, three, **given), "m1") == expected


def test_nobody_is_told_who_is_not_there(desk: Desk, three: tuple[Channel, ...]) -> None:
    assert told(with_user(desk, three), "nobody") == []


def test_the_same_thing_is_told_once_however_often_it_is_said(desk: Desk, three: tuple[Channel, ...]) -> None:
    desk = with_user(desk, three)
    assert len(told(desk, "m1")) == len(told(desk, "m1")) == 2
    assert len(told(desk, "m1", at="2025-06-12T00:00:00+00:00")) == 4  # assigned again, later: another thing


@BOTH
def test_what_is_told_twice_does_not_start_anew(desk: Desk, three: tuple[Channel, ...], clock: SetClock) -> None:
    desk = with_user(desk, three)
    told(desk, "m1")
    before = deliveries(desk.engine)
    clock.advance(hours=1)
    told(desk, "m1")
    assert deliveries(desk.engine) == before


@BOTH
def test_nothing_is_told_of_a_transaction_that_is_rolled_back(desk: Desk, three: tuple[Channel, ...]) -> None:
    desk = with_user(desk, three)
    with desk.engine.begin() as connection:
        tell(connection, desk, "task_assigned", task(), "m1")
        connection.rollback()
    assert deliveries(desk.engine) == []


def test_at_night_only_what_is_urgent_is_sent_before_the_morning(
    desk: Desk, three: tuple[Channel, ...], clock: SetClock
) -> None:
    clock.at = datetime(2025, 6, 10, 23, 30, tzinfo=SHANGHAI)
    desk = with_user(desk, three, channels={"mail": "zhang@example.org", "all": False})
    told(desk, "m1", number=1)
    told(desk, "m1", number=2, urgent=True)
    after = {(row["channel"], row["subject"]["urgent"]): row["send_after_at"] for row in deliveries(desk.engine)}
    assert after["east", False] == datetime(2025, 6, 11, 9, 0, tzinfo=SHANGHAI)
    assert after["east", True] == after["post", False] == clock.at


def test_two_people_of_one_group_are_told_each(desk: Desk, three: tuple[Channel, ...]) -> None:
    desk = with_user(desk, three, "m1")
    with writing(desk.engine) as connection:
        add_user(connection, "m2")
    told(desk, "m1")
    assert len(told(desk, "m2")) == 4


@given(st.integers(0, 60 * 24 * 3), st.integers(0, 24), st.integers(0, 24))
def test_what_waits_for_the_quiet_hours_waits_less_than_a_day_and_ends_outside_them(
    minutes: int, begin: int, end: int
) -> None:
    policy = DeskPolicy(quiet_from_hour=begin, quiet_until_hour=end)
    at = START + timedelta(minutes=minutes)
    found = quiet_end(at, "Asia/Shanghai", policy)
    assert at <= found <= at + timedelta(days=1)
    assert found.tzinfo is at.tzinfo
    if begin % 24 != end % 24:
        assert quiet_end(found, "Asia/Shanghai", policy) == found
