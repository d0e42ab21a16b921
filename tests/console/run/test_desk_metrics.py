"""What the desk exports is what its catalogue and docs/desk-metrics.md say."""

from collections import Counter

from stream_app.console.catalogue import CATALOGUE, catalogue_page
from stream_app.console.metrics import Metrics
from stream_app.console.readmodel.project import Projected
from stream_app.worker.catalogue import CATALOGUE as WORKERS
from tests.house.sources import ROOT


def test_docs_desk_metrics_md_is_what_the_catalogue_says() -> None:
    written = (ROOT / "docs" / "desk-metrics.md").read_text(encoding="utf-8")
    assert written == catalogue_page(), "run `make docs`"


def test_every_name_is_there_once_beside_the_workers_and_counters_say_so() -> None:
    names = [definition.name for definition in (*CATALOGUE, *WORKERS)]
    assert len(names) == len(set(names))
    assert [d.name for d in CATALOGUE if (d.kind == "counter") != d.name.endswith("_total")] == []


def test_no_label_can_name_a_customer_or_a_user() -> None:
    known = {"topic", "outcome", "state", "kind", "channel", "group", "le", "use"}
    assert {label for definition in CATALOGUE for label in definition.labels} <= known


def test_batches_count_by_topic_and_outcome() -> None:
    metrics = Metrics()
    metrics.projected(Projected(Counter({"churn-risk": 3}), Counter({"churn-risk": 1}), 2), 0.5)
    metrics.projected(Projected(Counter({"churn-risk": 4}), Counter(), 1), 0.5)
    metrics.published(5)
    value = metrics.registry.get_sample_value
    counted = [
        value("stream_app_desk_records_total", {"topic": "churn-risk", "outcome": outcome})
        for outcome in ("taken", "unreadable")
    ]
    assert counted == [7, 1]
    assert value("stream_app_desk_acted_total") == 3
    assert value("stream_app_desk_outbox_sent_total") == 5
    assert value("stream_app_desk_batch_seconds_count") == 2


def test_tries_count_by_channel_and_what_became_of_the_message() -> None:
    metrics = Metrics()
    for state in ("waiting", "waiting", "sent"):
        metrics.tried("crm", state)
    value = metrics.registry.get_sample_value
    assert value("stream_app_desk_tries_total", {"channel": "crm", "outcome": "waiting"}) == 2
    assert value("stream_app_desk_tries_total", {"channel": "crm", "outcome": "sent"}) == 1


def test_what_can_happen_to_a_case_is_there_from_the_start_so_that_the_first_is_an_increase() -> None:
    value = Metrics().registry.get_sample_value
    told = {("opened", ""), ("contacted", "accepted"), ("closed", "left"), ("closed", "refused")}
    assert {value("stream_app_desk_case_events_total", {"kind": k, "outcome": o}) for k, o in told} == {0}
