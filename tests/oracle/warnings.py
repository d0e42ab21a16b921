"""What the oracle and the engine say of a customer's risk, tick by tick and event by event, put side by side.

A stream's lines are events and, between them, ticks, told as `{"tick": instant}`. Both answer with what is known after
each line, by its number; after a tick also with the indicators' values.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from stream_app.core import indicators, risk
from stream_app.core.engine import Repeat
from stream_app.core.events import TOPIC_OF_TYPE
from stream_app.core.facts import Cause, ChurnRiskChanged
from stream_app.core.ledger import Ledger
from stream_app.core.policy import Policy, PolicySet
from stream_app.core.state import LEVELS, Clock, Subscriber
from stream_app.wire.decode import NO_KEY, Decoder
from stream_app.wire.policy_file import parse_policy
from tests.oracle import timeline
from tests.oracle.admission import admit
from tests.oracle.cases import Line
from tests.oracle.levels import Path, Reason
from tests.oracle.oracle import Answer
from tests.oracle.policy import parse_all
from tests.oracle.reading import Event, read
from tests.oracle.rules import History

NO_BOUND = datetime.max.replace(tzinfo=UTC)


def answer(lines: Sequence[Line], policies: Sequence[Mapping[str, Any]], _until: datetime) -> Answer:
    """Ask the oracle."""
    clock, history, path, said = timeline.Clock(parse_all(policies)), History(), Path(), Answer()
    for number, line in enumerate(lines):
        path.facts.clear()
        known: dict[str, Any] = {}
        if isinstance(line, Mapping) and "tick" in line:
            clock = clock.ticked(datetime.fromisoformat(line["tick"]))
            if history.events:
                path.tick(history, clock)
        else:
            event = read(number, line, clock.calendar)
            assert isinstance(event, Event), (line, event)
            verdict = admit(event, history, clock, is_future=False)
            known["verdict"] = verdict
            if verdict is None:
                history = History((*history.events, event))
                path.event(event.type, history, clock)
        if history.events:
            said.subscribers[f"{number:04d}"] = known | _expected(history, clock, path, with_values="tick" in line)
    return said


def _expected(history: History, clock: timeline.Clock, path: Path, *, with_values: bool) -> dict[str, Any]:
    now = path.now(history, clock)
    known = {"level": now.level, "since": now.since and now.since.isoformat(), "facts": list(path.facts)}
    if not with_values:
        return known
    found = path.weigh(history, clock)
    return known | {"values": found.values, "score": found.score, "urgent": found.urgent}


class Shelf(dict[str, Subscriber]):
    """Subscribers in memory."""

    def put(self, subscriber_id: str, sub: Subscriber) -> None:
        self[subscriber_id] = sub

    def drop(self, subscriber_id: str) -> None:
        del self[subscriber_id]


@lru_cache(maxsize=8)
def _parsed(text: str) -> Policy:
    return parse_policy(text, "policy.yaml")  # what is JSON is YAML


class Asked:
    """The engine at work; `wakes` has every row worked at every tick, whatever it asked for."""

    def __init__(self, policies: Sequence[Mapping[str, Any]], *, wakes: bool) -> None:
        self.policies = PolicySet([_parsed(orjson.dumps(policy).decode()) for policy in policies])
        self.ledger = Ledger(self.policies, Clock(), Shelf())
        self._decoder = Decoder(self.policies.calendar)
        self._wakes = wakes

    @property
    def subs(self) -> dict[str, Subscriber]:
        """The rows."""
        assert isinstance(self.ledger.subscribers, Shelf)
        return self.ledger.subscribers

    def tick(self, number: int, at: datetime) -> None:
        """Let the clock tick, and every row see it."""
        for sub in self.subs.values():
            sub.wake_day = 0 if self._wakes else sub.wake_day
        self.ledger.take_tick(at, Cause("clock", 0, number))
        self.ledger.sweep(list(self.subs))
        if self.ledger.clock.tick is not None:
            self.ledger.swept(self.ledger.clock.tick.serial)

    def event(self, number: int, line: Line) -> str | None:
        """Work an event; give why it was not let in."""
        raw = line if isinstance(line, bytes) else orjson.dumps(dict(line))
        event = self._decoder.event(None, NO_KEY, raw)
        verdict = self.ledger.take_event(event, (TOPIC_OF_TYPE[event.type], 0, number), NO_BOUND)
        if isinstance(verdict, Repeat):
            return "duplicate"
        return None if isinstance(verdict, tuple) else verdict.reason

    def known(self, *, with_values: bool) -> dict[str, Any]:
        """Give what is known of the one customer, and the facts stated since asked last."""
        (sub,), tick = self.subs.values(), self.ledger.clock.tick
        assert tick is not None
        seen = risk.risk_view(sub, tick, self.policies)
        facts = [_fact(fact) for fact in self.ledger.facts if isinstance(fact, ChurnRiskChanged)]
        self.ledger.facts.clear()
        known = {"level": LEVELS.index(seen.level), "since": seen.since_on, "facts": facts}
        if not with_values:
            return known
        setting = risk.setting_of(tick, self.policies)
        found, read = risk.assess(sub, setting), indicators.readings(sub, setting)
        values = {name: told.value for name, told in read.items()}
        return known | {"values": values, "score": found.score, "urgent": found.urgent}


def _fact(fact: ChurnRiskChanged) -> tuple[int, int, int, list[Reason], list[Reason]]:
    reasons, protections = (
        [(each.indicator, each.points, each.value) for each in told] for told in (fact.reasons, fact.protections)
    )
    return LEVELS.index(fact.from_level), LEVELS.index(fact.to_level), fact.score, reasons, protections


def engine_answer(lines: Sequence[Line], policies: Sequence[Mapping[str, Any]], _until: datetime) -> Answer:
    """Ask the engine; where paced indicators count, every row is woken every day, as the oracle weighs every day."""
    paced = any(indicators.PACED & policy["risk"]["indicators"].keys() for policy in policies)
    return asked_answer(lines, policies, wakes=paced)


def asked_answer(lines: Sequence[Line], policies: Sequence[Mapping[str, Any]], *, wakes: bool) -> Answer:
    """Ask the engine, with rows woken as they ask or at every tick."""
    asked, said = Asked(policies, wakes=wakes), Answer()
    for number, line in enumerate(lines):
        known: dict[str, Any] = {}
        if isinstance(line, Mapping) and "tick" in line:
            asked.tick(number, datetime.fromisoformat(line["tick"]))
        else:
            known["verdict"] = asked.event(number, line)
        if asked.subs:
            said.subscribers[f"{number:04d}"] = known | asked.known(with_values="tick" in line)
    return said
