"""Who calls: by branch, skill, presence and room, and the same phone manager again (DOMAIN section 6).

Rule: whose customer it is stays so while that one can serve. Else the choice is by rendezvous hashing, so that when
managers come and go only the customers concerned move.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from xxhash import xxh3_64_intdigest


class Candidate(NamedTuple):
    """A phone manager, with the calls given to them today."""

    user_id: str
    branch_id: str | None = None  # None: all branches
    tiers: Sequence[str] = ()  # skills; none: all tiers
    capacity_a_day: int = 20
    is_present: bool = True
    assigned_today: int = 0

    @property
    def has_room(self) -> bool:
        """Tell whether there is room for one more today."""
        return self.assigned_today < self.capacity_a_day


class Wanted(NamedTuple):
    """A customer who needs a phone manager, and whose they are."""

    subscriber_id: str
    branch_id: str | None
    tier: str | None
    kept_by: str | None = None


def is_absent(absent_from: date | None, absent_until: date | None, on: date) -> bool:
    """Tell whether somebody is away on a local day; `absent_until` is the first day back."""
    return absent_from is not None and absent_from <= on and (absent_until is None or on < absent_until)


def serves(candidate: Candidate, wanted: Wanted) -> bool:
    """Tell whether a customer is one of theirs to serve, present or not."""
    is_near = candidate.branch_id is None or wanted.branch_id is None or candidate.branch_id == wanted.branch_id
    is_skilled = not candidate.tiers or wanted.tier is None or wanted.tier in candidate.tiers
    return is_near and is_skilled


def choose(wanted: Wanted, candidates: Iterable[Candidate]) -> Candidate | None:
    """Choose who calls; None where nobody can: it waits for the supervisor, or for room tomorrow."""
    able = [each for each in candidates if each.is_present and serves(each, wanted)]
    kept = next((each for each in able if each.user_id == wanted.kept_by), None)
    if kept is not None:
        return kept
    with_room = [each for each in able if each.has_room]
    return max(with_room, key=lambda each: (_weight(wanted.subscriber_id, each.user_id), each.user_id), default=None)


def moves_for_good(wanted: Wanted, candidates: Iterable[Candidate]) -> bool:
    """Tell whether the customer becomes that of whoever calls now: nobody's, or of one who cannot serve any more.

    Who is only away gets their customers back.
    """
    return not any(each.user_id == wanted.kept_by and serves(each, wanted) for each in candidates)


def _weight(subscriber_id: str, user_id: str) -> int:
    return xxh3_64_intdigest(f"{subscriber_id}/{user_id}".encode())  # no id of a subscriber holds a slash
