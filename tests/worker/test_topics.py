"""The topics: names under a prefix, and settings that lose nothing."""

from types import SimpleNamespace

import pytest
from aiokafka.errors import InvalidPartitionsError, TopicAlreadyExistsError

from stream_app.core.events import FEEDS
from stream_app.core.facts import FACT_TOPICS
from stream_app.wire.decode import LARGEST_BYTES
from stream_app.worker import topics
from stream_app.worker.topics import Names, TopicError, configs

NAMES = Names("run-7.", "run-7")


def test_every_topic_is_named_with_the_prefix_and_the_changelog_after_the_app() -> None:
    assert NAMES.full("usage-events") == "run-7.usage-events"
    assert NAMES.plain("run-7.usage-events") == "usage-events"
    assert NAMES.changelog == "run-7-subscribers-changelog"
    assert set(NAMES.all) == {
        *(f"run-7.{feed}" for feed in (*FEEDS, "clock", *FACT_TOPICS, "dead-letters", "policies")),
        NAMES.changelog,
    }
    assert len(set(NAMES.all)) == len(NAMES.all)


@pytest.mark.parametrize("keep_for_ever", [True, False])
def test_every_topic_has_settings_and_only_what_is_kept_by_key_is_compacted(*, keep_for_ever: bool) -> None:
    wanted = configs(NAMES, keep_for_ever=keep_for_ever)
    assert wanted.keys() == set(NAMES.all)
    assert {name for name, own in wanted.items() if own.get("cleanup.policy") == "compact"} == {
        NAMES.changelog,
        NAMES.policies,
    }


def test_the_broker_compresses_the_changelog_and_leaves_all_else_as_it_comes() -> None:
    wanted = configs(NAMES, keep_for_ever=False)
    assert {name for name, own in wanted.items() if "compression.type" in own} == {NAMES.changelog}


def test_the_changelog_is_compacted_before_much_of_it_has_to_be_read_again() -> None:
    own = configs(NAMES, keep_for_ever=False)[NAMES.changelog]
    assert int(own["segment.bytes"]) < 1 << 30
    assert float(own["min.cleanable.dirty.ratio"]) < 0.5


@pytest.mark.parametrize(("replication", "in_sync"), [(1, None), (2, None), (3, "2"), (4, "2")])
def test_what_is_acknowledged_is_on_two_brokers_where_there_are_three_copies(
    replication: int, in_sync: str | None
) -> None:
    made = topics.new_topics(NAMES, NAMES.all, 4, replication, keep_for_ever=False)
    assert {topic.name: topic.num_partitions for topic in made} == {**dict.fromkeys(NAMES.all, 4), NAMES.policies: 1}
    assert {topic.replication_factor for topic in made} == {replication}
    assert {topic.topic_configs.get("min.insync.replicas") for topic in made} == {in_sync}


def test_feeds_of_a_replay_are_kept_for_ever_and_take_any_timestamp() -> None:
    own = configs(NAMES, keep_for_ever=True)["run-7.usage-events"]
    assert own["retention.ms"] == "-1"
    assert int(own["message.timestamp.after.max.ms"]) == 2**63 - 1
    live = configs(NAMES, keep_for_ever=False)["run-7.usage-events"]
    assert live["retention.ms"] == str(7 * 24 * 3600 * 1000)
    assert "message.timestamp.after.max.ms" not in live


def test_facts_and_dead_letters_are_never_taken_by_retention() -> None:
    wanted = configs(NAMES, keep_for_ever=False)
    assert {wanted[NAMES.full(topic)]["retention.ms"] for topic in (*FACT_TOPICS, "dead-letters")} == {"-1"}


def test_a_dead_letter_fits_whatever_a_feed_takes() -> None:
    wanted = configs(NAMES, keep_for_ever=False)
    sizes = {topic: int(wanted[NAMES.full(topic)]["max.message.bytes"]) for topic in ("usage-events", "dead-letters")}
    assert LARGEST_BYTES < sizes["usage-events"] < sizes["dead-letters"]


def test_a_topic_that_exists_already_is_no_refusal_and_any_other_is_named() -> None:
    exists = ("usage-events", TopicAlreadyExistsError.errno, None)
    topics._raise_refusals(None)
    topics._raise_refusals(SimpleNamespace(topic_errors=[("clock", 0, None), exists]))
    refused = SimpleNamespace(topic_errors=[exists, ("clock", InvalidPartitionsError.errno, "too many")])
    with pytest.raises(TopicError, match=r"topic clock could not be made: InvalidPartitionsError too many"):
        topics._raise_refusals(refused)
