"""Who is held out: the same customers for ever, more of the same when the share grows, never who is too dear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.desk.calling import call_for
from stream_app.core.desk.heard import Heard, Known
from stream_app.core.desk.heldout import arm_of, is_drawn
from stream_app.core.desk.policy import DeskPolicy
from tests.core.desk_stories import NOON, ground, left, risk

ALL = DeskPolicy(held_out_permille=1000)
IDS = st.text("abcXYZ0189_-", min_size=1, max_size=64)


@given(IDS, st.integers(0, 1000), st.integers(0, 1000))
def test_who_is_held_out_stays_so_when_the_share_grows(subscriber_id: str, one: int, other: int) -> None:
    smaller, larger = sorted((one, other))
    assert is_drawn(subscriber_id, smaller) <= is_drawn(subscriber_id, larger)
    assert not is_drawn(subscriber_id, 0)
    assert is_drawn(subscriber_id, 1000)


def test_the_draw_is_the_same_for_ever() -> None:
    assert [number for number in range(60) if is_drawn(f"sub-{number}", 50)] == [0, 8, 10, 29, 52, 59]


def test_about_the_share_is_drawn() -> None:
    drawn = sum(is_drawn(f"13{number:09}", 50) for number in range(20_000))
    assert 900 < drawn < 1100


def arm(heard: Heard, known: Known, desk: DeskPolicy = ALL) -> str:
    call = call_for(heard, known, ground())
    assert call is not None
    return arm_of("s", call, known, desk)


@pytest.mark.parametrize(
    ("heard", "known"),
    [
        (risk(2), Known(important=True)),
        (risk(2), Known(value_class="important")),
        (risk(2, value_class="important"), Known()),
        (risk(2, tier="C1"), Known()),
        (risk(2, tier="C3"), Known(tier="C2")),
        (risk(2, "silent_days", "portout"), Known()),
        (risk(2, "complaints_escalated"), Known()),
        (left(), Known(value_class="important", left_at=NOON)),
    ],
)
def test_who_is_dear_or_urgent_is_never_in_the_draw(heard: Heard, known: Known) -> None:
    assert arm(heard, known) == "exempt"


def test_all_others_are_called_or_held_out() -> None:
    assert arm(risk(3, "call_forwarding", tier="C3"), Known()) == "held_out"
    assert arm(risk(3, "call_forwarding", tier="C3"), Known(), DeskPolicy(held_out_permille=0)) == "called"


def test_the_share_ends_before_its_bound() -> None:
    assert [is_drawn("sub-925", permille) for permille in (0, 1)] == [False, True]
    assert [is_drawn("sub-379", permille) for permille in (50, 51)] == [False, True]
