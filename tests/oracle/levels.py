"""Score and risk level from first principles: how the level stood at the last tick, and the customer as known now.

Up at once; down once the score has fallen by the hysteresis below the level and the level has stood its dwell, or at
once where its reason is taken away; after a fall to none, paced reasons raise nothing for a while. What an event brings
is weighed at once, what use and days bring at ticks (DOMAIN section 5).
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from tests.oracle.indicators import PACED, Values, readings, today
from tests.oracle.rules import History, has_left
from tests.oracle.timeline import Clock

Reason = tuple[str, int, int | None]
CAN_WAIT = {"bill.issued", "payment.received", "measure.enrolled"}
OWING = {"arrears_months", "arrears_fen", "balance_fen"}
RELIEF: Mapping[str, set[str] | None] = {  # None: it takes any reason away
    "payment.received": OWING,
    "bill.adjusted": OWING,
    "contract.signed": {"contract_days_left"},
    "measure.enrolled": None,
    "subscriber.activated": None,
}


class Stood(NamedTuple):
    """A level as it stood at a tick."""

    level: int = 0
    since: date | None = None
    leading: str = ""
    cleared: date | None = None


class Weighed(NamedTuple):
    """A score, with its reasons in their order."""

    values: Values
    score: int
    urgent: int
    reasons: list[Reason]
    protections: list[Reason]


def weighed(history: History, clock: Clock) -> Weighed:
    """Weigh every indicator of the policy."""
    risk, values = clock.policy.risk, readings(history, clock)
    told = [(name, points(card, values[name]), values[name]) for name, card in risk["indicators"].items()]
    total = risk["base_points"] + sum(reason[1] for reason in told)
    paced = sum(max(0, reason[1]) for reason in told if reason[0] in PACED)
    told.sort(key=lambda reason: -abs(reason[1]))
    up, down = ([reason for reason in told if reason[1] * sign > 0] for sign in (1, -1))
    return Weighed(values, _bounded(total), _bounded(total - paced), up, down)


def _bounded(total: int) -> int:
    return max(0, min(100, total))


def points(card: Mapping[str, Any], value: int | None) -> int:
    """Give the points of the first bin that a value lies in."""
    if value is None:
        return int(card.get("missing", 0))
    fitting = (each for each in card["bins"] if each.get("from", value) <= value < each.get("to", value + 1))
    return int(next(fitting, {"points": 0})["points"])


def reached(score: int, risk: Mapping[str, Any]) -> int:
    """Give the level of a score."""
    return sum(score >= risk[name] for name in ("watch_from", "high_from", "critical_from"))


def stands(ground: Stood, found: Weighed, clock: Clock, *, relieved: bool, by_tick: bool) -> Stood:
    """Find how the level stands."""
    risk, on = clock.policy.risk, today(clock)
    level, leading = _level(ground, found, clock, relieved=relieved, by_tick=by_tick), _leading(ground, found)
    if level == ground.level:
        return Stood(level, ground.since, leading if level else "", ground.cleared if cools(ground, risk, on) else None)
    return Stood(level, on, leading) if level else Stood(0, None, "", on)


def cools(ground: Stood, risk: Mapping[str, Any], on: date) -> bool:
    """Say whether the level fell to none of late."""
    return ground.cleared is not None and on < ground.cleared + timedelta(days=risk["cool_down_days"])


def _level(ground: Stood, found: Weighed, clock: Clock, *, relieved: bool, by_tick: bool) -> int:
    risk, on = clock.policy.risk, today(clock)
    to = reached(found.score, risk)
    if to > ground.level:
        is_whole = by_tick and not cools(ground, risk, on)
        return to if is_whole else max(ground.level, reached(found.urgent, risk))
    has_stood = ground.since is None or on >= ground.since + timedelta(days=risk["min_dwell_days"])
    if relieved:
        return to
    return min(ground.level, reached(found.score + risk["hysteresis_points"], risk)) if has_stood else ground.level


def _leading(ground: Stood, found: Weighed) -> str:
    heaviest = [reason[0] for reason in found.reasons if reason[1] == found.reasons[0][1]]
    return ground.leading if ground.leading in heaviest else [*heaviest, ""][0]


def relieves(kind: str, ground: Stood) -> bool:
    """Say whether such an event takes away what led at the last tick."""
    taken = RELIEF.get(kind, OWING - OWING)
    return taken is None or ground.leading in taken


class Path:
    """A customer's level over ticks and events; `facts` are (from, to, score, reasons, protections)."""

    def __init__(self) -> None:
        self.ground, self.told = Stood(), Stood()
        self.relieved = self.is_moved = False
        self._weighed: tuple[History, Clock, Weighed] | None = None
        self.facts: list[tuple[int, int, int, list[Reason], list[Reason]]] = []

    def tick(self, history: History, clock: Clock) -> None:
        """Weigh at a tick: what is found is what the next events stand on."""
        if has_left(history):
            self.told = self.ground = Stood()
        else:
            self._tell(self.weigh(history, clock), clock, by_tick=True)
            self.ground = self.told
        self.relieved = self.is_moved = False

    def event(self, kind: str, history: History, clock: Clock) -> None:
        """Weigh at an event; use and fees wait for the tick, and what is no alarm, while nothing is told."""
        if kind in CAN_WAIT and not self.told.level:
            return
        self.relieved |= relieves(kind, self.ground)
        if has_left(history):
            if self.told.level:
                self.facts.append((self.told.level, 0, 0, [("left", 0, None)], []))
            self.told = Stood()
            self.is_moved = True
        elif kind not in {"usage.recorded", "fee.charged"}:
            self.is_moved = True
            self._tell(self.weigh(history, clock), clock, by_tick=False)

    def now(self, history: History, clock: Clock) -> Stood:
        """Give how it stands: as told at the tick, unless an event has been weighed since."""
        if has_left(history):
            return Stood()
        if not self.is_moved:
            return self.told
        return stands(self.ground, self.weigh(history, clock), clock, relieved=self.relieved, by_tick=False)

    def weigh(self, history: History, clock: Clock) -> Weighed:
        """Weigh, or give what was found of the same a moment ago."""
        if self._weighed is None or self._weighed[:2] != (history, clock):
            self._weighed = history, clock, weighed(history, clock)
        return self._weighed[2]

    def _tell(self, found: Weighed, clock: Clock, *, by_tick: bool) -> None:
        now, before = stands(self.ground, found, clock, relieved=self.relieved, by_tick=by_tick), self.told
        self.told = now
        if (now.level, now.leading) != (before.level, before.leading):
            self.facts.append((before.level, now.level, found.score, found.reasons, found.protections))
