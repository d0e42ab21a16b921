"""`stream-app simulate`: a file of events that replays without a rejection."""

import gzip
import json
from pathlib import Path

from tests.commands.running import policy_file, stream_app
from tests.replay.lines import rows

SMALL = ("--subscribers", 20, "--days", 3)


def test_the_same_seed_gives_the_same_file_packed_or_not(tmp_path: Path) -> None:
    plain, packed = tmp_path / "events.ndjson", tmp_path / "events.ndjson.gz"
    said = stream_app("simulate", *SMALL, "--out", plain)
    assert said.exit_code == 0
    assert said.stdout == f"{len(rows(plain)):,} events -> {plain}\n"
    stream_app("simulate", *SMALL, "--out", packed)
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    stream_app("simulate", *SMALL, "--seed", 2, "--out", packed)
    assert gzip.decompress(packed.read_bytes()) != plain.read_bytes()


def test_events_lie_within_the_days_asked_for(tmp_path: Path) -> None:
    start = "2025-06-01T00:00:00+08:00"
    stream_app("simulate", *SMALL, "--start", start, "--mix", "chengdu", "--usage-per-day", 1, "--out", tmp_path / "e")
    assert {row["occurred_at"][:10] for row in rows(tmp_path / "e")} <= {
        f"2025-{day}" for day in ("05-31", "06-01", "06-02", "06-03")
    }


def test_what_is_simulated_replays_without_a_rejection(tmp_path: Path) -> None:
    file, out = tmp_path / "events.ndjson", tmp_path / "out"
    stream_app("simulate", *SMALL, "--out", file)
    common = ("--policy", policy_file(tmp_path), "--out", out, "--engine", "offline", "--strict")
    assert stream_app("replay", file, *common).exit_code == 0
    assert json.loads((out / "summary.json").read_bytes())["subscribers"] == len(
        {row["subscriber_id"] for row in rows(file)}
    )


def test_a_start_that_is_no_instant_is_wrong_use(tmp_path: Path) -> None:
    said = stream_app("simulate", "--start", "2025-01-01", "--out", tmp_path / "events")
    assert said.exit_code == 2
    assert (
        "--start '2025-01-01' is no instant: write it with its offset, such as 2025-01-01T00:00:00+08:00" in said.stderr
    )


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    said = stream_app("simulate", *SMALL, "--out", tmp_path / "nowhere" / "events")
    assert said.exit_code == 2
    assert said.stderr.splitlines()[-1].endswith(f"there is no folder {tmp_path / 'nowhere'}: make it first")


def test_the_truth_is_written_beside_the_events_and_names_everybody_in_them(tmp_path: Path) -> None:
    events, truths = tmp_path / "events.ndjson", tmp_path / "truth.ndjson.gz"
    said = stream_app("simulate", *SMALL, "--out", events, "--truth", truths)
    told = [json.loads(line) for line in gzip.decompress(truths.read_bytes()).splitlines()]
    assert f"{len(told)} truths -> {truths}\n" in said.stdout
    assert {row["subscriber_id"] for row in rows(events)} <= {row["subscriber_id"] for row in told}
    assert {row["archetype"] for row in told} >= {None}
