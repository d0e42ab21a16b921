"""Records become rows, each once, whatever comes again; what is news is acted on, once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from stream_app.console.desk import Desk
from stream_app.console.readmodel.customers import DEFAULTS
from stream_app.console.readmodel.positions import Place, Standing, register
from stream_app.console.readmodel.project import project
from stream_app.console.readmodel.rebuild import MADE_OF, rebuild
from stream_app.console.store.database import writing
from stream_app.console.store.read_tables import (
    Customer,
    MeasureHeld,
    MonthRow,
    NetworkChange,
    Outcome,
    RiskChange,
    Sign,
    TierChange,
)
from tests.console.moments import START
from tests.console.readmodel.reading import all_rows, rows_of, standing, take
from tests.console.readmodel.records import Topics, in_batches, later


def customer(desk: Desk) -> dict[str, Any]:
    [row] = rows_of(desk.engine, Customer)
    return row


def some_of_everything(topics: Topics) -> list[Any]:
    return [
        topics.event("subscriber.activated", joined_on="2024-01-15", branch_id="north", plan="p58"),
        topics.tier("a", "C4", branch_id="north"),
        topics.risk("a", "watch"),
        topics.month("a", "2025-05"),
        topics.event("measure.enrolled", measure="family_plan", until="2025-12-31"),
        topics.event("balance.reported", balance_fen=-250),
        topics.fact("churn_outcome.recorded"),
        topics.event("subscriber.deactivated", at=later(days=1), reason="moved"),
        topics.month("a", "2025-05", revision=1, revenue_fen=50_000),
        topics.risk("b", "critical"),
    ]


def test_facts_become_rows_as_they_are(desk: Desk) -> None:
    topics = Topics()
    take(desk, [topics.tier("a", "C2", "C4", branch_id="north"), topics.risk("a", "critical", "watch")])
    take(desk, [topics.fact("churn_outcome.recorded", weight=5)])
    [change] = rows_of(desk.engine, TierChange)
    assert (change["from_tier"], change["to_tier"], change["branch_id"]) == ("C4", "C2", "north")
    assert (change["occurred_at"], change["window"][0]["revenue_fen"]) == (START, 180_000)
    [risk] = rows_of(desk.engine, RiskChange)
    assert (risk["from_level"], risk["to_level"], risk["reasons"][0]["evidence"]) == (1, 3, {"share": 12})
    [outcome] = rows_of(desk.engine, Outcome)
    assert (outcome["left"], outcome["outcome_on"], outcome["weight"]) == (True, date(2025, 6, 1), 5)


def test_a_customers_row_says_what_each_topic_said_last(desk: Desk) -> None:
    take(desk, [record for record in some_of_everything(Topics()) if record.key == b"a"])
    row = customer(desk)
    assert (row["tier"], row["risk_level"], row["closed_month"], row["official_tier"]) == ("C4", 1, "2025-05", "C4")
    assert (row["plan"], row["branch_id"], row["joined_on"]) == ("p58", "north", date(2024, 1, 15))
    assert (row["on_network"], row["network_at"], row["balance_fen"]) == (False, later(days=1), -250)
    assert row["seen_at"] == later(days=1)


def test_a_batch_that_comes_again_changes_nothing(desk: Desk) -> None:
    records = some_of_everything(Topics())
    take(desk, records)
    before = all_rows(desk.engine)
    [again] = take(desk, records)
    assert (sum(again.taken.values()), again.acted) == (0, 0)
    assert all_rows(desk.engine) == before


@pytest.mark.parametrize("size", [1, 3, 4])
def test_batches_that_overlap_give_the_rows_of_one(desk: Desk, size: int) -> None:
    records = some_of_everything(Topics())
    take(desk, records)
    wanted = all_rows(desk.engine)
    with writing(desk.engine) as connection:
        rebuild(connection, {})
    overlapping = [records[max(0, start - 2) : start + size] for start in range(0, len(records), size)]
    take(desk, *overlapping)
    assert all_rows(desk.engine) == wanted


def test_the_highest_revision_of_a_month_stands_in_whatever_batch_it_comes(desk: Desk) -> None:
    topics = Topics()
    first, second = topics.month("a", "2025-05"), topics.month("a", "2025-05", revision=1, revenue_fen=1)
    third = topics.month("a", "2025-05", revision=2, revenue_fen=2)
    take(desk, [first, third], [second._replace(offset=third.offset + 1)])
    [month] = rows_of(desk.engine, MonthRow)
    assert (month["revision"], month["revenue_fen"]) == (2, 2)


def test_the_tier_stated_last_counts_though_a_correction_is_of_an_earlier_instant(desk: Desk) -> None:
    topics = Topics()
    take(desk, [topics.tier("a", "C2", at=later(hours=5)), topics.tier("a", "C4", "C2", at=later(hours=1))])
    assert (customer(desk)["tier"], customer(desk)["tier_at"]) == ("C4", later(hours=1))


def test_an_older_closed_month_corrected_later_leaves_the_customers_row_alone(desk: Desk) -> None:
    topics = Topics()
    take(desk, [topics.month("a", "2025-05", arpu_fen=7), topics.month("a", "2025-04", revision=1, arpu_fen=9)])
    assert (customer(desk)["closed_month"], customer(desk)["arpu_fen"]) == ("2025-05", 7)


def test_an_older_profile_fills_only_what_is_unknown(desk: Desk) -> None:
    topics = Topics()
    newer = topics.event("subscriber.updated", at=later(hours=2), plan="p98", branch_id="south")
    older = topics.event("subscriber.updated", at=later(hours=1), plan="p58", brand="gotone", branch_id="north")
    take(desk, [newer, older])
    row = customer(desk)
    assert (row["plan"], row["brand"], row["branch_id"], row["profile_at"]) == (
        "p98",
        "gotone",
        "south",
        later(hours=2),
    )


def test_who_left_and_came_back_at_one_instant_is_on_the_network(desk: Desk) -> None:
    topics = Topics()
    take(desk, [topics.event("subscriber.activated"), topics.event("subscriber.deactivated")])
    assert customer(desk)["on_network"]
    assert len(rows_of(desk.engine, NetworkChange)) == 2


def test_what_warns_of_leaving_is_kept_by_the_name_that_counts_it_and_once(desk: Desk) -> None:
    topics = Topics()
    told = [
        topics.event("complaint.filed", at=later(hours=1), complaint_id="k1", severity="normal"),
        topics.event("complaint.filed", at=later(hours=2), complaint_id="k2", severity="escalated"),
        topics.event("complaint.closed", at=later(hours=3), complaint_id="k1"),
        *(
            topics.event("competitor.contacted", at=later(hours=4), kind=kind)
            for kind in ("hotline_call", "call_forwarding", "other")
        ),
        topics.event("portout.requested", at=later(hours=5)),
    ]
    take(desk, told, [topics.event("portout.requested", at=later(hours=5))])
    kinds = sorted(row["kind"] for row in rows_of(desk.engine, Sign))
    assert kinds == sorted(
        ["complaints", "complaints_escalated", "hotline_calls", "call_forwarding", "competitor", "portout"]
    )


def test_a_month_counts_tenure_and_measures_at_its_end_though_they_become_known_later(desk: Desk) -> None:
    topics = Topics()
    take(desk, [topics.month("a", "2025-04"), topics.month("a", "2025-05")])
    assert [(row["tenure_months"], row["measures"]) for row in rows_of(desk.engine, MonthRow)] == [(None, 0)] * 2
    in_may = datetime(2025, 5, 20, tzinfo=UTC)
    take(desk, [topics.event("subscriber.updated", joined_on="2024-05-01")])
    take(desk, [topics.event("measure.enrolled", at=in_may, measure="family_plan")])
    take(desk, [topics.event("measure.enrolled", at=in_may, measure="mailbox")])  # sticks, but does not stabilise
    assert [(row["tenure_months"], row["measures"]) for row in rows_of(desk.engine, MonthRow)] == [(12, 0), (13, 1)]


def test_without_a_day_of_joining_the_first_activation_counts(desk: Desk) -> None:
    topics = Topics()
    activated = topics.event("subscriber.activated", at=datetime(2025, 2, 28, 16, 30, tzinfo=UTC))
    take(desk, [topics.month("a", "2025-05")], [activated])
    assert rows_of(desk.engine, MonthRow)[0]["tenure_months"] == 3  # the first of March in Shanghai


def test_a_measure_that_ended_or_ran_out_within_a_month_is_not_held_at_its_end(desk: Desk) -> None:
    topics = Topics()
    at = datetime(2025, 4, 3, tzinfo=UTC)
    take(
        desk,
        [
            topics.event("measure.enrolled", at=at, measure="family_plan", until="2025-05-31"),
            topics.event("measure.enrolled", at=at, measure="deposit_gift", until="2025-05-30"),
            topics.event("measure.enrolled", at=at, measure="group_member"),
            topics.event("measure.ended", at=datetime(2025, 5, 9, tzinfo=UTC), measure="group_member"),
            *(topics.month("a", name) for name in ("2025-03", "2025-04", "2025-05", "2025-06")),
        ],
    )
    assert [row["measures"] for row in rows_of(desk.engine, MonthRow)] == [0, 3, 1, 0]


def test_of_a_measure_the_last_word_by_arrival_counts_and_a_repeat_is_none(desk: Desk) -> None:
    topics = Topics()
    enrolled = topics.event("measure.enrolled", measure="family_plan")
    ended = topics.event("measure.ended", at=later(hours=-1), measure="family_plan")
    repeat = topics.event("measure.enrolled", measure="family_plan")
    take(desk, [enrolled, ended], [repeat])
    [row] = rows_of(desk.engine, MeasureHeld)
    assert (row["enrolled_at"], row["ended_at"]) == (START, later(hours=-1))


def test_what_cannot_be_read_is_counted_and_passed_over(desk: Desk) -> None:
    topics = Topics()
    early = topics.event("subscriber.deactivated", at=later(hours=2))._replace(
        timestamp_ms=int(START.timestamp() * 1000)
    )
    [projected] = take(
        desk,
        [
            topics.raw("churn-risk", b"{"),
            topics.raw("churn-risk", None),
            topics.raw("tier-changes", b"\xff"),
            topics.fact("tier.changed", to=5),
            topics.fact("tier.changed", branch_id="x" * 257),
            topics.raw("month-closes", b'{"type": "tier.changed"}'),
            topics.event("subscriber.updated"),
            topics.event("balance.reported", balance_fen="5"),
            early,
            topics.tier("b", "C1"),
        ],
    )
    assert projected.unreadable == {
        "churn-risk": 2, "tier-changes": 3, "month-closes": 1, "subscriber-events": 2, "billing-events": 1,
    }  # fmt: skip
    assert projected.taken == {"tier-changes": 1}
    assert customer(desk)["subscriber_id"] == "b"


def test_a_nul_that_no_column_takes_stops_nobody(desk: Desk) -> None:
    topics = Topics()
    risk = topics.risk("a", "high", reasons=[{"indicator": "x\0y", "points": 1, "value": None, "evidence": {}}])
    take(desk, [topics.event("subscriber.updated", plan="p\0x"), risk])
    assert customer(desk)["plan"] == "p\ufffdx"
    assert rows_of(desk.engine, RiskChange)[0]["reasons"][0]["indicator"] == "x\ufffdy"


def test_billing_events_but_balances_are_no_concern_of_the_desk(desk: Desk) -> None:
    topics = Topics()
    [projected] = take(
        desk, [topics.event("fee.charged", kind="plan", amount_fen=5), topics.raw("billing-events", b"{")]
    )
    assert (projected.taken, projected.unreadable) == ({}, {})
    assert standing(desk.engine, "billing-events") == Standing(3, 3)


class Acting:
    """Remembers what it is asked to act on."""

    def __init__(self) -> None:
        self.on: list[str] = []

    def __call__(self, _connection: Connection, _desk: Desk, facts: Sequence[Mapping[str, Any]]) -> None:
        """Take it down."""
        self.on += [f"{fact['type']} {fact['subscriber_id']}" for fact in facts]


def test_news_is_acted_on_in_its_order_and_once(desk: Desk) -> None:
    topics, acting = Topics(), Acting()
    records = some_of_everything(topics)
    take(desk, *in_batches(records, 4), records, act=acting)
    assert acting.on == [
        "subscriber.activated a", "tier.changed a", "churn_risk.changed a", "measure.enrolled a",
        "subscriber.deactivated a", "churn_risk.changed b",
    ]  # fmt: skip


def test_what_lies_before_acted_to_is_no_news(desk: Desk) -> None:
    topics, acting = Topics(), Acting()
    old, new = topics.risk("old", "high"), topics.risk("new", "high")
    with writing(desk.engine) as connection:
        register(connection, {Place("churn-risk", 0): Standing(0, new.offset)})
        register(connection, {Place("churn-risk", 0): Standing(5, 5)})  # known already: left alone
    take(desk, [old, new], act=acting)
    assert acting.on == ["churn_risk.changed new"]
    assert [row["subscriber_id"] for row in rows_of(desk.engine, RiskChange)] == ["old", "new"]


def test_where_acting_fails_nothing_is_written(desk: Desk) -> None:
    topics = Topics()
    record = topics.risk("a", "high")

    def fail(_connection: Connection, _desk: Desk, _facts: Sequence[Mapping[str, Any]]) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        take(desk, [record], act=fail)
    assert all(not rows for rows in all_rows(desk.engine).values())
    assert standing(desk.engine, "churn-risk") is None
    acting = Acting()
    take(desk, [record], act=acting)
    assert acting.on == ["churn_risk.changed a"]


def test_positions_move_on_over_the_marks_of_transactions(desk: Desk) -> None:
    topics = Topics()
    with writing(desk.engine) as connection:
        project(connection, desk, [topics.risk("a", "high")], {Place("churn-risk", 0): 40, Place("tier-changes", 0): 7})
    assert standing(desk.engine, "churn-risk") == Standing(40, 40)
    assert standing(desk.engine, "tier-changes") == Standing(7, 7)


def test_a_rebuild_reads_all_again_and_acts_on_nothing_again(desk: Desk) -> None:
    topics, acting = Topics(), Acting()
    records = some_of_everything(topics)
    take(desk, records, act=acting)
    wanted, told = all_rows(desk.engine), list(acting.on)
    with writing(desk.engine) as connection:
        rebuild(connection, {Place(topic, 0): 1000 for topic in {record.topic for record in records}})
    assert all(not rows for rows in all_rows(desk.engine).values())
    take(desk, *in_batches(records, 3), act=acting)
    assert (all_rows(desk.engine), acting.on) == (wanted, told)
    take(desk, [topics.risk("c", "high")], act=acting)
    assert acting.on == [*told, "churn_risk.changed c"]


def test_after_a_rebuild_a_topic_made_anew_is_news_from_its_end_on(desk: Desk) -> None:
    acting = Acting()
    take(desk, [Topics().risk("a", "high")._replace(offset=500)], act=acting)
    with writing(desk.engine) as connection:
        rebuild(connection, {Place("churn-risk", 0): 2})
    topics = Topics()
    take(desk, [topics.risk("old", "high"), topics.risk("new", "high")], act=acting)
    assert acting.on == ["churn_risk.changed a", "churn_risk.changed new"]


def test_a_rebuild_keeps_what_was_read_of_a_topic_that_has_lost_it_since(desk: Desk) -> None:
    topics, acting = Topics(), Acting()
    records = some_of_everything(topics)
    take(desk, records, act=acting)
    wanted, told = all_rows(desk.engine), list(acting.on)
    places = {Place(record.topic, 0) for record in records}
    lost = {Place("subscriber-events", 0): 4, Place("billing-events", 0): 0}
    with writing(desk.engine) as connection:
        assert rebuild(connection, dict.fromkeys(places, 1000), lost) == {"subscriber-events"}
    rows = rows_of(desk.engine, Customer)
    assert [(row["plan"], row["joined_on"], row["tier"], row["balance_fen"]) for row in rows] == [
        ("p58", date(2024, 1, 15), None, None),
        (None, None, None, None),
    ]
    left = [record for record in records if record.topic != "subscriber-events" or record.offset >= 4]
    take(desk, *in_batches(left, 3), act=acting)
    assert (all_rows(desk.engine), acting.on) == (wanted, told)


def test_every_column_of_a_customer_is_made_of_one_topic_or_is_the_latest_word_of_all() -> None:
    columns = [name for makes in MADE_OF.values() for name in makes.columns]
    assert len(columns) == len(set(columns))
    assert set(DEFAULTS) - set(columns) == {"subscriber_id", "seen_at", "branch_id", "branch_at"}
