"""The topics of another cluster: what they say again, by other ids and at other places, is no news."""

from sqlalchemy import select

from stream_app.console.desk import Desk
from stream_app.console.readmodel.positions import Place, Standing, standings
from stream_app.console.readmodel.rebuild import rebuild
from stream_app.console.store.database import writing
from stream_app.console.store.read_tables import RiskChange, TierChange
from tests.console.readmodel.reading import rows_of, take
from tests.console.readmodel.records import Topics


def test_all_that_is_on_the_topics_of_another_cluster_is_known(desk: Desk) -> None:
    topics = Topics()
    take(desk, [topics.tier("a", "C4", branch_id="north"), topics.risk("a", "watch")])
    ends = {Place("tier-changes", 0): 40, Place("tier-changes", 5): 7, Place("churn-risk", 5): 0}
    with writing(desk.engine) as connection:
        assert rebuild(connection, ends, all_is_known=True) == set()
        assert standings(connection) == {place: Standing(0, end) for place, end in ends.items()}
    assert rows_of(desk.engine, TierChange) == rows_of(desk.engine, RiskChange) == []


def test_what_was_read_of_a_topic_that_lost_records_there_stays(desk: Desk) -> None:
    topics = Topics()
    take(desk, [topics.tier("a", "C4", branch_id="north"), topics.risk("a", "watch")])
    begins, ends = {Place("tier-changes", 0): 10}, {Place("tier-changes", 0): 40, Place("churn-risk", 0): 9}
    with writing(desk.engine) as connection:
        assert rebuild(connection, ends, begins, all_is_known=True) == {"tier-changes"}
        assert standings(connection)[Place("tier-changes", 0)] == Standing(10, 40)
        assert connection.scalars(select(TierChange.subscriber_id)).all()
    assert rows_of(desk.engine, RiskChange) == []
