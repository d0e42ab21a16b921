"""The offline replay: ticks between events, rejections, repeats, and where the clock stops."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stream_app.core.facts import Fact, MonthClosed, TierChanged
from stream_app.replay.offline import OfflineReplay
from tests.replay.lines import FAR, POLICIES, entries, used, utc


class Heard:
    """A replay with what it said."""

    def __init__(self, *contents: Mapping[str, Any] | bytes, until: datetime = FAR, to_the_end: bool = True) -> None:
        self.facts: list[Fact] = []
        self.rejected: list[tuple[int, str]] = []
        self.run = OfflineReplay(
            POLICIES,
            until,
            self.facts.append,
            lambda entry, reason, _: self.rejected.append((entry.line, reason)),
            ticks_until_end=to_the_end,
        )
        self.run.run(entries(*contents))

    @property
    def clock_at(self) -> datetime | None:
        return self.run.ledger.clock.at

    def closed(self) -> list[int]:
        return [fact.month for fact in self.facts if isinstance(fact, MonthClosed)]


def test_a_month_closes_before_the_event_whose_instant_reaches_its_close() -> None:
    until = utc("2025-03-03")
    early = Heard(
        used("a", "2025-02-01T00:00:00", 6000), used("b", "2025-03-02T23:59:59"), until=until, to_the_end=False
    )
    late = Heard(
        used("a", "2025-02-01T00:00:00", 6000), used("b", "2025-03-03T00:00:00"), until=until, to_the_end=False
    )
    assert early.closed() == []
    assert late.closed() == [2025 * 12 + 1]


def test_the_clock_goes_on_to_the_end_or_stops_with_the_last_event() -> None:
    until = utc("2025-04-04T06:00")
    contents = [used("a", "2025-02-01T00:00:00", 6000), used("b", "2025-02-10T08:00:00")]
    assert Heard(*contents, until=until).clock_at == until
    assert Heard(*contents, until=until).closed() == [2025 * 12 + 1, 2025 * 12 + 2]
    assert Heard(*contents, until=until, to_the_end=False).clock_at == utc("2025-02-10")


def test_no_events_leave_a_clock_at_the_end_and_nothing_else() -> None:
    nothing = Heard(until=utc("2025-01-01"))
    assert (nothing.clock_at, nothing.facts, nothing.rejected, nothing.run.events) == (utc("2025-01-01"), [], [], 0)


def test_rejections_name_the_line_and_the_reason_and_every_line_counts() -> None:
    until = utc("2025-07-01")
    heard = Heard(
        b"?",
        used("a", "2025-06-01T00:00:00"),
        used("b", "2025-01-31T00:00:00"),
        used("c", "2025-07-01T01:00:01"),
        used("d", "2025-07-01T01:00:00"),
        until=until,
    )
    assert heard.rejected == [(1, "not_json"), (3, "month_not_correctable"), (4, "in_the_future")]
    assert heard.run.events == 5


def test_what_is_rejected_for_the_future_moves_no_clock() -> None:
    heard = Heard(
        used("a", "2025-06-01T12:00:00"), used("b", "2025-09-01T00:00:00"), until=utc("2025-06-02"), to_the_end=False
    )
    assert heard.clock_at == utc("2025-06-01")


def test_repeats_are_counted_by_type_and_change_nothing() -> None:
    heard = Heard(*[used("a", "2025-06-01T12:00:00", 700)] * 3, until=utc("2025-06-02"))
    assert heard.run.duplicates == {"usage.recorded": 2}
    assert heard.run.subscribers["s-1"].months[2025 * 12 + 5].accrued_fen == 700


def test_facts_come_in_the_order_of_their_causes_and_name_them() -> None:
    heard = Heard(
        used("a", "2025-02-01T12:00:00"),
        used("b", "2025-02-02T12:00:00", 15000),
        used("c", "2025-02-02T13:00:00", 15000, "s-2"),
        until=utc("2025-02-03"),
    )
    changes = [fact for fact in heard.facts if isinstance(fact, TierChanged)]
    assert [(fact.subscriber_id, fact.to_tier, fact.cause.offset, fact.cause.event_id) for fact in changes] == [
        ("s-1", "GOLD", 1, "b"),
        ("s-2", "GOLD", 2, "c"),
    ]


def test_a_subscriber_long_gone_is_forgotten() -> None:
    gone = {
        "type": "subscriber.deactivated",
        "event_id": "d",
        "subscriber_id": "s-1",
        "occurred_at": "2022-01-02T00:00:00Z",
    }
    heard = Heard(
        used("a", "2022-01-01T00:00:00", 0), gone, used("z", "2022-01-03T00:00:00", 1, "s-2"), until=utc("2025-06-01")
    )
    assert list(heard.run.subscribers) == ["s-2"]
