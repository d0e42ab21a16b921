"""What the worker exports is what the catalogue and docs/metrics.md say, and never a subscriber's id."""

import re
import sys

import pytest
from prometheus_client import generate_latest

from stream_app.worker.catalogue import CATALOGUE, PREFIX, PROCESS, Definition, catalogue_page
from stream_app.worker.metrics import Metrics
from stream_app.worker.topics import Names
from tests.house.sources import ROOT
from tests.worker.fake_lane import Harness, Log, around, usage

ID = "somebody-in-particular"


def page(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


def heard_everything(prefix: str = "") -> Metrics:
    """Let a worker's metrics hear one of everything there is to hear."""
    names = Names(prefix, "tests")
    harness, log = Harness(around(names)), Log(names)
    metrics = harness.around.metrics
    metrics.of_a_place(2, ROOT / "not" / "made" / "yet")
    metrics.assigned(frozenset({0}))
    metrics.restored(0, 10, 20, 0.5, finished=True)
    harness.feed(log.put_tick("2025-02-10"))
    first, again = log.put(usage("u1", "2025-02-09", 15000, ID)), log.put(usage("u1", "2025-02-09", 15000, ID))
    harness.feed(first, again)
    harness.feed(log.put_bytes("usage-events", ID.encode(), b"?"))
    harness.commit()
    harness.read.clear()
    harness.feed(first)
    harness.feed(log.put_tick("2025-03-10"))
    harness.sweep()
    harness.commit()
    topic = names.full("usage-events")
    metrics.batch(topic, 0, 3, 0.01)
    metrics.lag(topic, 0, 7)
    metrics.committed(0, 2, 1, 0.02)
    metrics.repeated_seek(topic, 0)
    return metrics


@pytest.mark.parametrize("definition", CATALOGUE, ids=lambda definition: definition.name)
def test_every_entry_of_the_catalogue_is_exported_with_its_meaning_and_kind(definition: Definition) -> None:
    name = (PREFIX + definition.name).removesuffix("_total") + ("_total" if definition.kind == "counter" else "")
    text = page(Metrics(Names("", "tests")))
    assert f"# HELP {name} {definition.meaning}\n# TYPE {name} {definition.kind}\n" in text


def test_nothing_is_exported_that_the_catalogue_does_not_name() -> None:
    exported = set(re.findall(r"^# TYPE (\w+) ", page(heard_everything()), re.MULTILINE))
    known = {PREFIX + definition.name for definition in CATALOGUE} | {definition.name for definition in PROCESS}
    assert {name for name in exported if name not in known and not name.endswith("_created")} == set()


def test_every_entry_of_the_catalogue_has_a_sample_once_everything_was_heard() -> None:
    text = page(heard_everything())
    silent = {
        definition.name
        for definition in CATALOGUE
        if not re.search(rf"^{PREFIX}{definition.name}(_count)?[ {{]", text, re.MULTILINE)
    }
    assert silent == {"certificate_end_timestamp_seconds"}  # none was set


def test_no_label_is_a_subscriber_id_and_no_value_of_one_ever_shows() -> None:
    assert ID not in page(heard_everything())
    assert not any("subscriber" in label for definition in CATALOGUE for label in definition.labels)


def test_outcomes_are_counted_by_feed() -> None:
    value = heard_everything().registry.get_sample_value
    outcomes = {
        outcome: value("stream_app_events_total", {"topic": "usage-events", "outcome": outcome})
        for outcome in ("applied", "duplicate", "rejected", "skipped")
    }
    assert outcomes == {"applied": 1, "duplicate": 1, "rejected": 1, "skipped": 1}
    assert value("stream_app_rejected_total", {"topic": "usage-events", "reason": "not_json"}) == 1
    assert value("stream_app_duplicates_total", {"type": "usage.recorded"}) == 1
    assert value("stream_app_facts_total", {"type": "tier.changed", "reason": "live"}) == 1
    assert value("stream_app_facts_total", {"type": "month.closed", "reason": "close"}) == 1
    assert value("stream_app_subscribers", {"tier": "GOLD", "partition": "0"}) == 1
    assert value("stream_app_months_open", {"partition": "0"}) == 1


def test_topics_are_labelled_by_the_names_of_the_contract_whatever_their_prefix() -> None:
    text = page(heard_everything("run."))
    assert 'topic="usage-events"' in text
    assert 'topic="run.' not in text


def test_a_correction_is_told_from_a_close() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-02-10"))
    harness.feed(log.put(usage("u1", "2025-02-09", 15000)))
    harness.feed(log.put_tick("2025-03-10"))
    harness.feed(log.put(usage("u2", "2025-02-09", 1)))
    value = harness.around.metrics.registry.get_sample_value
    assert value("stream_app_facts_total", {"type": "month.closed", "reason": "correction"}) == 1


def test_recoveries_under_way_are_known_until_they_finish() -> None:
    metrics = Metrics(Names("", "tests"))
    metrics.assigned(frozenset({1, 2}))
    metrics.restored(1, 5, 10, 0.1, finished=False)
    metrics.restored(2, 10, 10, 0.2, finished=True)
    assert metrics.recovering == {1}
    value = metrics.registry.get_sample_value
    assert [value("stream_app_recovering", {"partition": str(partition)}) for partition in (1, 2)] == [1, 0]
    assert value("stream_app_assigned_partitions") == 2


def test_what_was_said_of_a_partition_is_gone_with_it_so_that_a_sum_over_workers_counts_it_once() -> None:
    harness, log = Harness(), Log()
    metrics = harness.around.metrics
    metrics.assigned(frozenset({0}))
    metrics.restored(0, 10, 20, 0.5, finished=True)
    harness.feed(log.put_tick("2025-02-10"))
    harness.feed(log.put(usage("u1", "2025-02-09", 15000)))
    metrics.lag("usage-events", 0, 7)
    harness.commit()
    assert {"stream_app_lag_records", "stream_app_age_seconds", "stream_app_subscribers"} <= said_of(metrics, 0)
    harness.work.close()
    metrics.assigned(frozenset({1}))
    metrics.lag("usage-events", 1, 9)
    assert (said_of(metrics, 0), said_of(metrics, 1)) == (set(), {"stream_app_lag_records"})


def said_of(metrics: Metrics, partition: int) -> set[str]:
    return set(re.findall(rf'^(\w+)\{{.*partition="{partition}".*\}}', page(metrics), re.MULTILINE))


def test_the_disk_of_the_data_folder_and_the_number_of_partitions_are_shown() -> None:
    value = heard_everything().registry.get_sample_value
    assert value("stream_app_partitions") == 2
    free, size = value("stream_app_disk_free_bytes"), value("stream_app_disk_size_bytes")
    assert free is not None
    assert size is not None
    assert 0 < free <= size


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Prometheus' library reads /proc")
def test_the_process_tells_of_itself_by_the_names_that_the_page_has() -> None:
    exported = set(re.findall(r"^# TYPE (\w+) ", page(heard_everything()), re.MULTILINE))
    assert {definition.name for definition in PROCESS} <= exported


def test_docs_metrics_md_is_what_the_catalogue_says() -> None:
    written = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert written == catalogue_page(), "run `make docs`"


def test_every_name_in_the_catalogue_is_there_once_and_says_its_unit() -> None:
    names = [definition.name for definition in CATALOGUE]
    assert len(names) == len(set(names))
    assert [d.name for d in CATALOGUE if (d.kind == "counter") != d.name.endswith("_total")] == []
