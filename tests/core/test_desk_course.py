"""What becomes of a case: the end is the same, however the topics interleave."""

from itertools import groupby
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from stream_app.core.desk import calling, course
from stream_app.core.desk.course import CaseState
from stream_app.core.desk.heard import Ground, Heard, Known, RiskTold, TierMoved
from stream_app.core.desk.outcomes import Reported, report
from tests.core.desk_stories import NOBODY, NOON, after, back, down, enrolled, ground, left, risk, up

GROUND, ALL_HELD_OUT = ground(held_out_permille=0), ground(held_out_permille=1000)
GROUNDS = st.sampled_from([GROUND, ALL_HELD_OUT])
RISKS = st.builds(
    lambda level, names, hour: risk(level, *names, at=after(hours=hour)),
    st.integers(0, 3),
    st.lists(st.sampled_from(["portout", "silent_days", "complaints"]), unique=True, min_size=1),
    st.integers(0, 48),
)
HIGH_RISKS = st.lists(RISKS.filter(lambda each: each.level >= 2), max_size=3)
MOVES = st.builds(
    lambda tiers, hour: (down if tiers[0] < tiers[1] else up)(tiers[0], tiers[1], at=after(hours=hour)),
    st.permutations(["C1", "C2", "C3", "C4"]).map(lambda names: names[:2]),
    st.integers(0, 48),
)


def opened(heard: Heard, known: Known = NOBODY, stands_on: Ground = GROUND) -> CaseState:
    call = calling.call_for(heard, known, stands_on)
    assert call is not None
    case, _ = course.open_case(call, heard, known, stands_on)
    return case


def run(heard: list[Heard], stands_on: Ground) -> list[CaseState]:
    """Act on facts as the desk does, without a database."""
    cases = list[CaseState]()
    for each in heard:
        standing = [case for case in cases if case.state != "closed"]
        for case in standing:
            course.hear(case, each, NOBODY, stands_on)
        if all(case.state == "closed" for case in cases):
            call = calling.call_for(each, NOBODY, stands_on)
            if call is not None and calling.may_open(call, each, None, stands_on):
                cases.append(course.open_case(call, each, NOBODY, stands_on)[0])
    return cases


def summary(case: CaseState) -> dict[str, Any]:
    """Give what does not depend on which fact came first."""
    kept = structs.asdict(case)
    for name in ("case_id", "opened_at", "arm", "suggested_measures", "version", "score", "offers"):
        del kept[name]
    return kept


def test_a_newer_risk_takes_the_place_of_the_one_before() -> None:
    case = opened(risk(2, "silent_days", "complaints"))
    course.hear(case, risk(2, "complaints", score=55), NOBODY, GROUND)
    assert ([reason.name for reason in case.reasons], case.score) == (["complaints"], 55)


def test_the_due_time_never_moves_back_while_nobody_called() -> None:
    case = opened(risk(3, "portout"))
    course.hear(case, risk(2, "complaints", at=after(hours=1)), NOBODY, GROUND)
    assert case.due_at == after(hours=4)


def test_a_risk_that_falls_leaves_the_tier_that_was_lost() -> None:
    case = opened(risk(2, "silent_days"))
    course.hear(case, down("C3", "C4"), NOBODY, GROUND)
    course.hear(case, risk(1), NOBODY, GROUND)
    assert (case.state, case.leading, [reason.name for reason in case.reasons]) == ("open", "tier_lost", ["tier_lost"])


def test_a_tier_lost_is_made_good_only_by_the_tier_it_was() -> None:
    case = opened(down("C2", "C3"))
    course.hear(case, down("C3", "C4", at=after(hours=1)), NOBODY, GROUND)
    assert course.hear(case, up("C4", "C3", at=after(hours=2)), NOBODY, GROUND) != []
    assert [reason.says["from"] for reason in case.reasons] == ["C2"]
    course.hear(case, up("C3", "C1", at=after(hours=3)), NOBODY, GROUND)
    assert (case.state, case.close_reason) == ("closed", "cleared")


def test_a_fact_that_changes_nothing_is_no_event() -> None:
    case = opened(risk(2))
    for heard in (up("C4", "C3"), enrolled("family_plan"), back()):
        assert course.hear(case, heard, NOBODY, GROUND) == []


def test_leaving_closes_whichever_way_it_is_told() -> None:
    gone = Known(left_at=NOON)
    for heard in (left(), down("C3", None, "left"), risk(0, "left", at=NOON)):
        case = opened(risk(2))
        course.hear(case, heard, gone, GROUND)
        assert case.close_reason == "left"


def test_a_deactivation_that_was_undone_already_closes_nothing() -> None:
    case = opened(risk(2))
    assert course.hear(case, left(), Known(left_at=None), GROUND) == []


def test_who_was_to_be_won_back_and_came_back_is_told_by_any_fact() -> None:
    gone = Known(value_class="important", left_at=NOON)
    here = gone._replace(left_at=None)
    for heard in (back(at=after(days=1)), up(None, "C3", "returned", after(days=1)), risk(2, at=after(days=1))):
        case = opened(left(), gone)
        assert course.hear(case, left(at=NOON), gone, GROUND) == []
        course.hear(case, heard, here, GROUND)
        assert case.close_reason == "returned"
    case = opened(left(), gone)
    assert course.hear(case, back(at=after(hours=-1)), gone, GROUND) == []


def test_a_won_back_customer_may_take_a_measure_first() -> None:
    case = opened(left(), Known(value_class="important", left_at=NOON))
    report(case, Reported("accepted", "group_member"), GROUND)
    course.hear(case, enrolled("group_member", at=after(hours=1)), NOBODY, GROUND)
    assert case.close_reason == "accepted"


def test_an_enrolment_from_before_the_case_is_not_what_was_accepted() -> None:
    case = opened(risk(2))
    report(case, Reported("accepted", "family_plan"), GROUND)
    assert course.hear(case, enrolled("family_plan", at=after(seconds=-1)), NOBODY, GROUND) == []
    assert course.hear(case, enrolled("family_plan", at=NOON), NOBODY, GROUND) != []


@given(st.lists(RISKS, max_size=4), st.lists(MOVES, max_size=4), GROUNDS, st.randoms(use_true_random=False))
def test_however_two_topics_interleave_the_end_is_the_same(
    risks: list[RiskTold], moves: list[TierMoved], stands_on: Ground, draw: Any
) -> None:
    calls_at_the_end = [each for each in risks[-1:] if each.level >= 2]
    one, other = run([*risks, *moves], stands_on), run(_interleaved(risks, moves, draw), stands_on)
    ends = [[summary(case)["reasons"] for case in cases if case.state != "closed"] for cases in (one, other)]
    assert ends[0] == ends[1]
    assert not calls_at_the_end or len(ends[0]) == 1


@given(HIGH_RISKS, st.lists(MOVES, max_size=3), GROUNDS, st.randoms(use_true_random=False))
def test_while_nothing_clears_the_whole_case_is_the_same(
    risks: list[RiskTold], moves: list[TierMoved], stands_on: Ground, draw: Any
) -> None:
    losses = [move for move in moves if move.direction == "down"]
    one, other = run([*risks, *losses], stands_on), run(_interleaved(risks, losses, draw), stands_on)
    assert list(map(summary, one)) == list(map(summary, other))
    assert len(one) == bool(risks or losses)


def _interleaved(risks: list[RiskTold], moves: list[TierMoved], draw: Any) -> list[Heard]:
    """Mix two topics, each in its own order."""
    places = [*("r" * len(risks)), *("m" * len(moves))]
    draw.shuffle(places)
    of = {"r": iter(risks), "m": iter(moves)}
    return [next(of[place]) for place, group in groupby(places) for _ in group]


def test_a_level_is_the_highest_so_far_and_a_score_the_latest() -> None:
    case = opened(risk(3, score=90))
    course.hear(case, risk(2, score=55), NOBODY, GROUND)
    assert (case.level, case.score) == (3, 55)


def test_after_a_call_only_what_is_new_hurries() -> None:
    case = opened(risk(2))
    report(case, Reported("reached"), GROUND)
    put_off_to = case.not_before_at
    course.hear(case, risk(2, "complaints"), NOBODY, GROUND)
    assert (case.not_before_at, case.due_at) == (put_off_to, after(days=3, hours=72))
    course.hear(case, risk(3, "complaints"), NOBODY, GROUND)
    assert (case.not_before_at, case.due_at) == (None, after(hours=72))


def test_tries_in_vain_are_counted_until_somebody_answers() -> None:
    case, attempts = opened(risk(2)), []
    for outcome in ("not_reached", "not_reached", "reached", "not_reached"):
        report(case, Reported(outcome), GROUND)
        attempts.append(case.attempts)
    assert attempts == [1, 2, 0, 1]


def test_something_new_makes_a_task_of_what_waits_for_an_enrolment() -> None:
    case = opened(risk(2))
    report(case, Reported("accepted", "family_plan"), GROUND)
    states = []
    for indicator in ("complaints", "portout"):
        course.hear(case, risk(2, indicator), NOBODY, GROUND)
        states.append(case.state)
    assert states == ["waiting", "open"]


def test_who_is_held_out_gets_a_task_when_a_reason_comes_not_to() -> None:
    for heard, known in ((risk(2, "portout"), NOBODY), (risk(2), Known(important=True)), (down("C1", "C3"), NOBODY)):
        case = opened(risk(2), stands_on=ALL_HELD_OUT)
        assert (case.state, case.arm) == ("held_out", "held_out")
        [happened] = course.hear(case, heard, known, ALL_HELD_OUT)
        assert (case.state, case.arm, happened.kind) == ("open", "held_out", "opened")
    case = opened(risk(2), stands_on=ALL_HELD_OUT)
    course.hear(case, risk(3, "complaints"), NOBODY, ALL_HELD_OUT)
    assert case.state == "held_out"


def test_what_is_suggested_is_what_the_latest_risk_says_and_leaves_out_what_is_held() -> None:
    case = opened(down("C3", "C4"), Known(value_class="ordinary", measures=("family_plan",)))
    assert case.suggested_measures[:2] == ("group_member", "business_travel_plan")
    course.hear(case, risk(2, measures=("deposit_gift",)), NOBODY, GROUND)
    assert case.suggested_measures == ("deposit_gift",)
