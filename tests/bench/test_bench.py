"""The bench in small: its answers are right, it tells wrong ones, and everything of a run is gone after it."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest

from stream_app.local import LocalKafka
from tests.bench import job, reference
from tests.bench.answer import differences
from tests.bench.complete import run_worker
from tests.bench.contenders.catalogue import LANE_JOB, LOOP
from tests.bench.contenders.contract import Contender
from tests.bench.events import BEGIN_MS, DAY_MS, DAYS, Plan, rows
from tests.bench.feeds import worker_input
from tests.bench.inputs import job_input
from tests.bench.kafka import Cluster
from tests.bench.latency import Appended, Latency, job_stage, lost_in_words, measure, waits
from tests.bench.page import METHOD_NAME, write_section
from tests.bench.picture import picture
from tests.bench.runs import Input, run_job
from tests.bench.table import spread

SMALL = Plan(20_000, 2_000)


class Written(NamedTuple):
    """An event on its topic."""

    event_id: str
    at_ms: int

    def value(self) -> bytes:
        return b'{"event_id":"%s"}' % self.event_id.encode()

    def timestamp(self) -> tuple[int, int]:
        return 2, self.at_ms


def be_quiet(_line: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def cluster(kafka: LocalKafka) -> Iterator[Cluster]:
    found = Cluster(kafka.bootstrap)
    yield found
    found.drop("bench-")


@pytest.fixture(scope="module")
def given(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Input:
    return job_input(SMALL, cluster, tmp_path_factory.mktemp("bench"), be_quiet)


def test_the_data_set_is_the_same_every_time_and_of_the_size_and_days_it_should_be() -> None:
    found = list(rows(SMALL))
    assert found == list(rows(SMALL))
    assert found[:100] != list(islice(rows(SMALL._replace(seed=2)), 100))
    assert len(found) == SMALL.events
    assert max(row.occurred_ms for row in found) < BEGIN_MS + DAYS * DAY_MS
    late = sum(
        row.occurred_ms < BEGIN_MS + index * DAYS * DAY_MS / SMALL.events - 1000 for index, row in enumerate(found)
    )
    assert late / len(found) == pytest.approx(0.021, abs=0.005)


def test_the_rule_agrees_with_the_reference_that_shares_no_code_with_it() -> None:
    accounts: dict[str, job.Account] = {}
    said: list[reference.Said] = []
    values = []
    for row in rows(SMALL):
        values.append(row.job_json())
        event = job.read_event(values[-1])
        account = accounts.setdefault(row.subscriber_id, job.new_account())
        before = job.add(account, event)
        if before is not None:
            said.append(reference.read_said(job.change(account, row.subscriber_id, event.event_id, before)))
    right = reference.answer(values)
    assert Counter(said) == right.said
    finals = {who: (job.arpu_fen(account), job.TIERS[account[0]]) for who, account in accounts.items()}
    assert finals == right.finals


def test_an_account_comes_back_as_it_was_packed() -> None:
    account = job.new_account()
    job.add(account, job.JobEvent("1", "data", 123_456_789_012, 90_000, "2025-03-31T23:59:59.999+08:00"))
    job.add(account, job.JobEvent("2", "voice", 61, 2, "2025-03-31T16:00:00.000+00:00"))
    assert account[2:5] != [0, 0, 0]
    assert job.unpack(job.pack(account)) == account


@pytest.mark.slow
@pytest.mark.parametrize("contender", [LANE_JOB, LOOP], ids=lambda each: each.key)
def test_a_contender_gives_the_right_answers_and_leaves_no_topic(
    contender: Contender, cluster: Cluster, given: Input
) -> None:
    (found,) = run_job(contender, given, cluster, 1)
    assert found.wrong == ""
    assert found.events_per_second > 0
    assert cluster.topics("bench-run-") == []


def test_what_was_appended_is_known_once_it_is_read_and_only_facts_after_the_warm_up_count() -> None:
    ids = [f"{number:036}" for number in range(3)]
    found = Appended(Written(event_id, 1000 + 5000 * number) for number, event_id in enumerate(ids))  # type: ignore[misc]
    assert [value[:14] for value in found.values()] == [b'{"event_id":"0'] * 3
    assert found.at_ms == dict(zip(ids, (1000, 6000, 11_000), strict=True))
    assert waits(found.at_ms, {ids[0]: 1010.0, ids[1]: 6030.0, ids[2]: 11_020.0, "stranger": 9.0}) == [20.0, 30.0]


def test_lost_facts_are_told_with_who_lost_them() -> None:
    whole = Latency("lane", 1000, 0.0, [1.0], expected=1)
    assert lost_in_words([whole, whole]) == ""
    assert lost_in_words([whole, whole._replace(title="worker", lost=1)]) == "worker: 1 of 1 facts never came"


@pytest.mark.slow
def test_wrong_answers_are_told(cluster: Cluster, given: Input) -> None:
    who = next(iter(given.answer.finals))
    other = reference.Answer({**given.answer.finals, who: (1, "C1")}, given.answer.said + Counter([("x",) * 6]))  # type: ignore[list-item]
    (found,) = run_job(LOOP, given._replace(answer=other), cluster, 1)
    assert "1 of" in found.wrong
    assert "changes missing" in found.wrong
    assert "states wrong" in found.wrong


@pytest.mark.slow
def test_the_complete_worker_gives_the_offline_answer(cluster: Cluster, tmp_path: Path) -> None:
    given = worker_input(SMALL, cluster, tmp_path, be_quiet)
    assert run_worker(given, cluster, 1).wrong == ""
    some = dict(islice(given.answer.rows.items(), 10))
    assert "closed months wrong" in differences(given.answer, given.answer._replace(rows=some))


@pytest.mark.slow
def test_the_open_loop_sees_a_fact_for_every_change(cluster: Cluster) -> None:
    with job_stage(LANE_JOB, cluster) as stage:
        found = measure("lane", stage, cluster, rate=1000, seconds=3, subscribers=500)
    assert found.waits_ms
    assert len(found.waits_ms) <= found.expected
    assert found.lost == 0
    assert found.percentile(50) <= found.percentile(99.9) <= found.waits_ms[-1]


def test_a_section_takes_the_place_of_its_older_self_and_leaves_the_other(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    write_section("Latency", "outdated figures", path)
    write_section("Throughput", "| fast |", path)
    write_section("Latency", "fresh figures", path)
    text = path.read_text(encoding="utf-8")
    assert "outdated" not in text
    assert text.index("| fast |") < text.index("fresh") < text.index(METHOD_NAME)
    assert text.count(METHOD_NAME) == 1


def test_a_picture_has_a_curve_for_each_system() -> None:
    found = Latency("lane", 1000, 0.0, [float(wait) for wait in range(1, 1001)])
    assert found.percentile(50) == 501.0
    drawn = ET.fromstring(picture([found, found._replace(title="worker")]))  # noqa: S314 - drawn a moment ago
    assert len(drawn.findall("{*}polyline")) == 2
    assert "worker, 1,000 events/s" in [text.text for text in drawn.findall("{*}text")]


def test_a_spread_shows_the_median_and_both_ends() -> None:
    assert spread([3.0, 1.0, 2.0], " k") == "**2.0 k** (1.0..3.0)"
