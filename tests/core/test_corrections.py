"""Corrections of closed months: revisions, missing rows, official tiers worked again (CONTRACTS sections 4 and 5)."""

from typing import Any

from tests.core.builders import (
    Story,
    adjustment,
    bill,
    closed,
    fee,
    instant,
    live_through,
    officials,
    policy,
    revisions,
    told,
    usage,
)


def worked(*amounts_fen: int, **own: Any) -> Story:
    story = Story(policy(**own))
    live_through(story, *amounts_fen)
    return story


def test_a_first_row_is_revision_0_and_caused_by_the_tick() -> None:
    (row,) = closed(live_through(Story(), 9))
    assert (row.revision, row.cause.topic, row.occurred_at) == (0, "clock", instant("2024-02-03"))


def test_late_use_revises_its_month_and_those_whose_arpu_it_changes() -> None:
    story = worked(9, 9, 9)
    facts = story.take(usage("2024-02-10", 3))
    assert revisions(facts) == [("2024-02", 1), ("2024-03", 1)]
    row = story.rows["2024-02"]
    assert (row.revenue_fen, row.arpu_fen, row.cause.topic) == (12, 7, "usage-events")
    assert row.occurred_at == instant("2024-02-10")


def test_each_correction_is_one_revision_more() -> None:
    story = worked(9)
    assert revisions(story.take(usage("2024-01-10", 3), usage("2024-01-10", 3))) == [("2024-01", 1), ("2024-01", 2)]


def test_late_use_of_a_billed_month_changes_no_published_figure_and_revises_nothing() -> None:
    story = Story()
    story.take(bill("2024-01-31", "2024-01", 9))
    story.tick("2024-02-03")
    assert story.take(usage("2024-01-10", 3)) == []


def test_use_of_nothing_revises_nothing() -> None:
    assert worked(9).take(usage("2024-01-10", 0)) == []


def test_a_bill_of_what_accrued_is_a_revision_for_it_is_billed_now() -> None:
    story = worked(9)
    assert revisions(story.take(bill("2024-02-05", "2024-01", 9))) == [("2024-01", 1)]
    assert story.rows["2024-01"].billed


def test_a_revenue_that_moves_within_the_same_arpu_is_a_revision() -> None:
    story = worked(9)
    assert revisions(story.take(adjustment("2024-02-05", "2024-01", 1))) == [("2024-01", 1)]


def test_an_earlier_event_found_later_adds_the_missing_rows() -> None:
    story = Story()
    story.tick("2024-01-05")
    live_through(story, 9, first="2024-03")
    assert revisions(story.take(usage("2024-02-10", 0))) == [("2024-02", 0)]


def test_a_customer_first_seen_by_late_events_gets_the_rows_at_once() -> None:
    story = Story()
    story.tick("2024-05-05")
    facts = story.take(usage("2024-03-10", 60))
    assert revisions(facts) == [("2024-03", 0), ("2024-04", 0)]
    assert told(facts) == [(None, "GOLD", "correction")]


def test_a_month_billed_before_the_customer_was_first_seen_has_no_row() -> None:
    story = Story()
    story.tick("2024-05-05")
    assert revisions(story.take(bill("2024-05-05", "2024-04", 60))) == []
    assert officials(story) == {}
    assert (story.tier, story.view.official_tier) == ("GOLD", None)  # the tier is the open window's


def test_an_earlier_event_gives_rows_and_official_tiers_to_months_billed_before_it() -> None:
    story = Story()
    story.tick("2024-05-05")
    story.take(bill("2024-05-05", "2024-04", 60))
    story.take(usage("2024-03-10", 0))
    assert officials(story) == {"2024-03": None, "2024-04": "GOLD"}


def test_a_correction_works_the_official_tiers_again_from_its_month_on() -> None:
    story = worked(30, 0, 0)
    facts = story.take(usage("2024-02-10", 30))
    assert officials(story) == {"2024-01": "SILVER", "2024-02": "GOLD", "2024-03": "GOLD"}
    assert told(facts) == [("SILVER", "GOLD", "correction")]
    assert told(story.take(adjustment("2024-04-10", "2024-02", -30))) == [("GOLD", "SILVER", "correction")]


def test_a_correction_works_again_how_many_closes_were_below() -> None:
    story = worked(60, 0, 0, 0, closes_to_downgrade=2)
    assert officials(story)["2024-04"] == "GOLD"
    story.take(adjustment("2024-05-05", "2024-02", -1))
    assert officials(story) == {"2024-01": "GOLD", "2024-02": "GOLD", "2024-03": "SILVER", "2024-04": "SILVER"}


def test_a_correction_is_worked_by_the_policy_of_the_original_close() -> None:
    story = Story(policy(), policy("v2", "2024-02-20", tiers=policy().tiers[:1]))
    live_through(story, 0, 0)
    (january, february) = closed(story.take(usage("2024-01-10", 30)))
    assert (january.policy_version, january.official_tier) == ("v1", "SILVER")
    assert (february.policy_version, february.official_tier) == ("v2", None)


def test_a_fee_named_for_a_closed_month_corrects_it() -> None:
    story = worked(9)
    assert revisions(story.take(fee("2024-02-10", 1, "2024-01"))) == [("2024-01", 1)]


def test_a_month_can_be_corrected_until_three_later_ones_have_closed() -> None:
    story = worked(9, 9, 9)
    story.tick("2024-05-02T23:59:59.999999Z")
    story.take(usage("2024-01-10", 1))
    story.tick("2024-05-03T00:00:00Z")
    assert story.offer(usage("2024-01-10", 1)) == "month_not_correctable"
    story.take(usage("2024-02-10", 1))


def test_the_last_final_month_gets_its_row_when_it_is_found_to_be_the_first() -> None:
    story = Story()
    story.tick("2024-05-05")
    facts = story.take(bill("2024-01-31", "2024-02", 60))  # January is final, February can be corrected
    assert revisions(facts) == [("2024-01", 0), ("2024-02", 0), ("2024-03", 0), ("2024-04", 0)]


def test_of_final_months_only_what_later_windows_need_is_kept() -> None:
    story = worked(*[9] * 12)
    assert (len(story.sub.past), len(story.sub.months)) == (4, 2 + 3)
    assert min(story.sub.past) == max(story.sub.months) - 3 - 5
    assert [month for month, record in story.sub.months.items() if record.usage] == sorted(story.sub.months)[-3:]
