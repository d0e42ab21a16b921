"""Who calls: branch, skill, presence, room, and the same one again."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.desk.assignment import Candidate, Wanted, choose, is_absent, moves_for_good, serves

IDS = [f"sub-{number}" for number in range(300)]
CREW = [Candidate(name, "chengdu") for name in ("an", "bo", "li", "wang")]
CREWS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6, unique=True)


def chosen(wanted: Wanted, crew: list[Candidate]) -> str | None:
    found = choose(wanted, crew)
    return None if found is None else found.user_id


def wanting(subscriber_id: str, kept_by: str | None = None, tier: str | None = "C3") -> Wanted:
    return Wanted(subscriber_id, "chengdu", tier, kept_by)


@pytest.mark.parametrize(
    ("candidate", "is_served"),
    [
        (Candidate("x", "chengdu"), True),
        (Candidate("x", None), True),
        (Candidate("x", "mianyang"), False),
        (Candidate("x", "chengdu", ("C3", "C4")), True),
        (Candidate("x", "chengdu", ("C4",)), False),
    ],
)
def test_one_serves_the_own_branch_and_the_own_tiers(candidate: Candidate, *, is_served: bool) -> None:
    assert serves(candidate, wanting("s")) == is_served


def test_a_customer_of_no_branch_or_no_tier_is_anybodys() -> None:
    assert serves(Candidate("x", "chengdu", ("C1",)), Wanted("s", None, None))


def test_the_same_one_again_even_with_no_room_left() -> None:
    full = CREW[0]._replace(assigned_today=20)
    assert chosen(wanting("s", kept_by="an"), [full, *CREW[1:]]) == "an"


def test_one_who_is_away_or_moved_or_lacks_the_skill_does_not_keep_the_customer() -> None:
    for change in ({"is_present": False}, {"branch_id": "mianyang"}, {"tiers": ("C6",)}):
        assert chosen(wanting("s", kept_by="an"), [CREW[0]._replace(**change), CREW[1]]) == "bo"


@pytest.mark.parametrize(("given_today", "found"), [(19, "an"), (20, None)])
def test_room_ends_at_the_capacity_of_a_day(given_today: int, found: str | None) -> None:
    assert chosen(wanting("s"), [Candidate("an", "chengdu", assigned_today=given_today)]) == found


def test_nobody_there_is_nobody() -> None:
    assert chosen(wanting("s"), []) is None


@given(CREWS, st.sampled_from("abcdefgh"), st.integers(0, 299))
def test_when_somebody_goes_only_their_customers_move(names: list[str], gone: str, number: int) -> None:
    wanted, crew = wanting(IDS[number]), [Candidate(name, "chengdu") for name in names]
    before, after = chosen(wanted, crew), chosen(wanted, [each for each in crew if each.user_id != gone])
    assert before in {after, gone}


@given(CREWS, st.sampled_from("abcdefgh"), st.integers(0, 299))
def test_when_somebody_comes_customers_move_to_them_alone(names: list[str], new: str, number: int) -> None:
    wanted, crew = wanting(IDS[number]), [Candidate(name, "chengdu") for name in names]
    after = chosen(wanted, [*crew, Candidate(new, "chengdu")])
    assert after in {chosen(wanted, crew), new}


@given(st.permutations(CREW), st.integers(0, 299))
def test_the_order_they_are_listed_in_does_not_matter(crew: list[Candidate], number: int) -> None:
    assert chosen(wanting(IDS[number]), crew) == chosen(wanting(IDS[number]), CREW)


def test_customers_are_spread_evenly() -> None:
    spread = Counter(chosen(wanting(each), CREW) for each in IDS)
    assert spread.keys() == {"an", "bo", "li", "wang"}
    assert min(spread.values()) > 50


@pytest.mark.parametrize(
    ("since", "until", "away"),
    [(None, None, False), (9, None, True), (10, 11, True), (11, 12, False), (9, 10, False), (None, 30, False)],
)
def test_one_is_away_from_the_first_day_to_the_day_before_the_first_one_back(
    since: int | None, until: int | None, *, away: bool
) -> None:
    days = [None if day is None else date(2025, 6, day) for day in (since, until)]
    assert is_absent(days[0], days[1], date(2025, 6, 10)) == away


def test_a_customer_moves_for_good_unless_theirs_is_only_away() -> None:
    away = CREW[0]._replace(is_present=False)
    assert not moves_for_good(wanting("s", kept_by="an"), [away, *CREW[1:]])
    assert moves_for_good(wanting("s", kept_by="an"), CREW[1:])  # has left
    assert moves_for_good(wanting("s", kept_by=None), CREW)
    assert moves_for_good(wanting("s", kept_by="an"), [away._replace(tiers=("C6",)), *CREW[1:]])
