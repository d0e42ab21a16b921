"""The lane on a real Kafka with real kills: each record counts once, each output is read once."""

import json
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream_app.lane import EXIT_FATAL
from stream_app.local import LocalKafka
from tests.lane.harness import PARTITIONS, Bench, wait_for

SEAMS = (
    "fenced:1",
    "restored:1",
    "worked:7",
    "begun:6",
    "outputs_sent:5",
    "states_sent:6",
    "offsets_sent:5",
    "committed:6",
    "stored:5",
)
MANY_COMMITS = json.dumps({"batch_records": 200, "max_changes": 400, "commit_interval_seconds": 0.02})


@pytest.fixture
def bench(kafka: LocalKafka, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(kafka.bootstrap, tmp_path)
    yield bench
    bench.close()


def test_every_record_counts_once_and_a_stop_is_clean(bench: Bench) -> None:
    bench.feed(20_000)
    worker = bench.start()
    bench.wait_until_worked()
    assert worker.end(signal.SIGTERM) == 0
    bench.assert_exact()


def test_a_worker_goes_on_where_the_last_one_stopped_without_reading_its_changelog(bench: Bench) -> None:
    bench.feed(5000)
    first = bench.start()
    bench.wait_until_worked()
    first.end(signal.SIGTERM)
    bench.feed(5000)
    second = bench.start()
    bench.wait_until_worked()
    second.end(signal.SIGTERM)
    assert {said[2] for said in second.said if said[0] == "restored"} == {"0"}
    bench.assert_exact()


def test_a_store_too_old_is_made_anew_and_faust_sees_the_new_one(bench: Bench) -> None:
    bench.feed(2000)
    first = bench.start()
    bench.wait_until_worked()
    first.end(signal.SIGTERM)
    second = bench.start(SETTINGS=json.dumps({"store_max_age_seconds": 0.0}))
    second.wait_until("viewed", PARTITIONS)
    assert "restored anew" in second.log
    assert {said[2] for said in second.said if said[0] == "viewed"} == {"True"}
    assert second.end(signal.SIGTERM) == 0


def test_a_worker_on_another_machine_restores_all_from_the_changelog(bench: Bench) -> None:
    bench.feed(5000)
    first = bench.start("first")
    bench.wait_until_worked()
    first.end(signal.SIGTERM)
    keys = len(bench.expected)
    bench.feed(5000)
    second = bench.start("second")
    bench.wait_until_worked()
    second.end(signal.SIGTERM)
    assert sum(int(said[2]) for said in second.said if said[0] == "restored") >= keys
    bench.assert_exact()


def test_markers_and_aborted_records_of_a_feed_are_passed_and_count_nothing(bench: Bench) -> None:
    bench.feed_in_transactions(40)
    worker = bench.start()
    bench.wait_until_worked()  # to the end of the log: the last offset is a marker's
    bench.feed_in_transactions(10)
    bench.wait_until_worked()
    assert worker.end(signal.SIGTERM) == 0
    bench.assert_exact()


def test_runs_lost_on_the_way_are_sought_back(bench: Bench) -> None:
    bench.feed(20_000)
    worker = bench.start(LOSE_EVERY="5", SETTINGS=MANY_COMMITS)
    bench.wait_until_worked()
    assert worker.end(signal.SIGTERM) == 0
    assert worker.heard("lost") > 0
    assert "seeking back" in worker.log
    bench.assert_exact()


@pytest.mark.slow
def test_kills_at_every_seam_of_a_commit_change_nothing(bench: Bench) -> None:
    for seam in SEAMS:
        bench.feed(5000)
        assert bench.start(STREAM_APP_CRASH=seam, INSTANCE="one", SETTINGS=MANY_COMMITS).ended() == -signal.SIGKILL
    bench.start(INSTANCE="one")
    bench.wait_until_worked()
    bench.assert_exact()


@pytest.mark.slow
def test_five_kills_at_random_moments_of_200_000_records_change_nothing(bench: Bench) -> None:
    chance = random.Random(11)
    for _ in range(5):
        bench.feed(40_000)
        worker = bench.start(INSTANCE="one", SETTINGS=MANY_COMMITS)
        worker.wait_until("committed", count=1 + chance.randrange(20))
        worker.end(signal.SIGKILL)
    bench.start(INSTANCE="one")
    bench.wait_until_worked()
    bench.assert_exact()


@pytest.mark.slow
def test_a_second_worker_comes_and_goes(bench: Bench) -> None:
    with bench.feeding():
        first = bench.start("first")
        first.wait_until("committed")
        for how in (signal.SIGTERM, signal.SIGKILL):
            second = bench.start("second")
            second.wait_until("committed", count=4)
            second.end(how)
    bench.wait_until_worked()
    assert first.end(signal.SIGTERM) == 0
    bench.assert_exact()


@pytest.mark.slow
def test_a_worker_frozen_past_its_session_writes_nothing_when_it_wakes(bench: Bench) -> None:
    with bench.feeding():
        frozen = bench.start("frozen")
        frozen.wait_until("committed", count=8)
        frozen.popen.send_signal(signal.SIGSTOP)
        heir = bench.start("heir")
        heir.wait_until("committed", count=8)
        said = frozen.heard("committed")
        frozen.popen.send_signal(signal.SIGCONT)
        wait_for(lambda: frozen.has_ended or frozen.heard("assigned") > 1, "the woken worker to notice")
        # Of each partition one commit may have been answered before it froze, and is heard of now.
        assert frozen.heard("committed") <= said + PARTITIONS or frozen.heard("assigned") > 1
    bench.wait_until_worked()
    bench.assert_exact()


def test_a_feed_made_anew_ends_the_worker_with_a_clear_word(bench: Bench) -> None:
    bench.feed(2000)
    first = bench.start()
    bench.wait_until_worked()
    first.end(signal.SIGTERM)
    bench.make_anew(bench.feeds[0])
    second = bench.start()
    assert second.ended() == EXIT_FATAL
    assert "was made anew or lost records" in second.log


def test_a_changelog_made_anew_ends_the_worker_with_a_clear_word(bench: Bench) -> None:
    bench.feed(2000)
    first = bench.start()
    bench.wait_until_worked()
    first.end(signal.SIGTERM)
    bench.make_anew(bench.changelog)
    second = bench.start()
    assert second.ended() == EXIT_FATAL
    assert "the changelog was made anew or lost records" in second.log


def test_an_error_of_the_logic_ends_the_worker_and_commits_nothing_of_it(bench: Bench) -> None:
    bench.feed(1000)
    bench.spoil(key=1)
    worker = bench.start()
    assert worker.ended() == EXIT_FATAL
    assert "invalid literal for int()" in worker.log
    assert b"not a number" not in dict(bench.read(bench.sums)).values()
    assert bench.behind()
