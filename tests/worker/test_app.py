"""How settings become Faust's options and the lane's."""

from pathlib import Path

from stream_app.settings import load_settings
from stream_app.worker.app import _faust_options, _lane_settings
from stream_app.worker.topics import Names


def test_brokers_are_named_as_faust_names_them() -> None:
    options = _faust_options(load_settings(bootstrap="one:9092, two:9093"), 4)
    assert options["broker"] == "kafka://one:9092;kafka://two:9093"
    assert options["topic_partitions"] == 4


def test_the_page_is_bound_to_loopback_and_advertised_as_told() -> None:
    plain = _faust_options(load_settings(), 1)
    assert (plain["web_bind"], plain["web_host"]) == ("127.0.0.1", "127.0.0.1")
    told = _faust_options(load_settings(web_host="0.0.0.0", web_advertised_host="worker-1", web_port=7000), 1)  # noqa: S104 - an example
    assert (told["web_bind"], told["web_host"], told["web_port"]) == ("0.0.0.0", "worker-1", 7000)  # noqa: S104


def test_membership_is_static_only_with_an_instance_id() -> None:
    assert "consumer_group_instance_id" not in _faust_options(load_settings(), 1)
    told = _faust_options(load_settings(instance_id="w-1", web_host="::1", web_port=7000), 1)
    assert told["consumer_group_instance_id"] == "w-1---1-7000"  # at another address it is another member


def test_a_worker_keeps_its_data_apart_by_app_id(tmp_path: Path) -> None:
    assert _faust_options(load_settings(data_dir=tmp_path, app_id="two"), 1)["datadir"] == tmp_path / "two"


def test_only_the_clock_may_lose_records_to_retention() -> None:
    lane = _lane_settings(load_settings(max_changes=5, commit_interval_seconds=0.5), Names("p.", "a"))
    assert lane.skip_expired == {"p.clock"}
    assert (lane.max_changes, lane.commit_interval_seconds) == (5, 0.5)
