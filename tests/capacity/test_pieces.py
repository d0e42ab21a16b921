"""The load test's own pieces: rates, months, names, and what is taken from a dashboard."""

import json
import os
from collections import Counter
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from stream_app.core.months import calendar_for
from stream_app.wire.decode import Decoder
from stream_app.wire.invalid import InvalidMessage
from tests.capacity import page
from tests.capacity.draw import DASHBOARDS, _bands, expression, legend, panels
from tests.capacity.figures import MEBIBYTE, in_mebibytes, peaks
from tests.capacity.load import Plan, Step
from tests.capacity.prometheus import Series
from tests.capacity.region import CHENGDU, PROVINCE, Region, closed_month
from tests.capacity.traffic import BAD_EVERY, PROBE_EVERY, TWICE_EVERY, Events

NOON = datetime(2026, 11, 26, 4, tzinfo=UTC)
COUNT = 4_010


def test_a_region_has_its_share_of_a_provinces_billion_events_a_day() -> None:
    assert round(Region(PROVINCE).events_a_second) == 11_574
    assert round(Region(CHENGDU).events_a_second) == 463
    assert round(5 * Region(CHENGDU).events_a_second) == 2_315


@pytest.mark.parametrize(
    ("now", "month"),
    [("2026-11-26T04:00:00Z", "2026-10"), ("2026-11-02T04:00:00Z", "2026-09"), ("2026-11-03T16:00:00Z", "2026-10"),
     ("2027-01-02T00:00:00Z", "2026-11"), ("2027-01-09T00:00:00Z", "2026-12")],
)  # fmt: skip
def test_corrections_are_of_a_month_that_is_closed_for_certain(now: str, month: str) -> None:
    assert closed_month(datetime.fromisoformat(now)) == month


def test_events_are_the_contracts_but_for_those_that_are_none_and_those_that_come_twice() -> None:
    events, decoder = Events(1_000, 1, NOON), Decoder(calendar_for("Asia/Shanghai", 1))
    made = list(chain.from_iterable(events.next() for _ in range(COUNT)))
    kinds, ids = Counter[str](), Counter[str]()
    for each in made:
        try:
            event = decoder.event(each.topic, each.key, each.value)
        except InvalidMessage as refusal:
            kinds[refusal.reason] += 1
        else:
            kinds[event.type] += 1
            ids[event.event_id] += 1
    assert len(made) == COUNT + COUNT // TWICE_EVERY + COUNT // BAD_EVERY
    assert sum(count - 1 for count in ids.values()) == COUNT // TWICE_EVERY
    assert kinds["missing_field"] == COUNT // BAD_EVERY
    assert kinds["bill.adjusted"] == sum(bool(each.probe) for each in made) == COUNT // PROBE_EVERY
    assert kinds["usage.recorded"] > 0.95 * COUNT
    assert {"fee.charged", "balance.reported", "complaint.filed", "portout.requested"} <= kinds.keys()


def test_what_grafana_would_put_into_a_query_is_put_in() -> None:
    assert expression('rate(a{instance=~"$instance"}[$__rate_interval])') == 'rate(a{instance=~".+"}[10s])'
    assert legend("{{instance}} partition {{partition}}", {"instance": "w", "partition": "2"}) == "w partition 2"
    assert legend("", {}) == "value"


def test_no_variable_is_left_in_any_query_of_the_dashboards() -> None:
    texts = [
        expression(target["expr"])
        for file in DASHBOARDS.glob("*.json")
        for panel in panels(json.loads(file.read_text(encoding="utf-8")))
        for target in panel.get("targets", [])
    ]
    assert len(texts) > 50
    assert [text for text in texts if "$" in text] == []


def test_the_bands_of_a_histogram_are_taken_from_each_other() -> None:
    found = [Series({"le": le}, [(0, 1.0), (1, upto)]) for le, upto in (("+Inf", 9.0), ("50", 2.0), ("100", 7.0))]
    assert [(each.labels["le"], each.points) for each in _bands(found)] == [
        ("50", [(1, 2.0)]), ("100", [(1, 5.0)]), ("+Inf", [(1, 2.0)]),
    ]  # fmt: skip


def test_figures_take_the_place_that_is_marked_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "capacity.md"
    file.write_text("before\n<!-- load -->\nold\n<!-- end of load -->\nafter\n", encoding="utf-8")
    page.write("load", "new", file)
    assert file.read_text(encoding="utf-8") == "before\n<!-- load -->\n\nnew\n\n<!-- end of load -->\nafter\n"
    with pytest.raises(ValueError, match="no place marked 'limit'"):
        page.write("limit", "new", file)


def test_the_most_memory_of_a_program_is_of_the_process_that_runs_now() -> None:
    held = peaks({"tests": os.getpid()})
    assert held["tests"] > 10 * MEBIBYTE
    assert in_mebibytes({"worker-1": 774 * MEBIBYTE, "desk": 1_500 * MEBIBYTE}) == "worker-1 774 MiB, desk 1,500 MiB"


def test_how_long_each_step_was_is_written_down() -> None:
    assert page.steps_in_words(Plan(Region(CHENGDU), [Step(1, 25), Step(3.5, 15)])) == (
        "Times the average: 1 for 25 s, 3.5 for 15 s; the first quarter of each, 8 s at most, is not counted."
    )
