"""The bench's commands in small, as they are typed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.contenders.contract import ROOT


def command(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_contender_is_run_and_its_answers_are_right() -> None:
    said = command("tests.bench", "lane-job", "--events", "20000", "--subscribers", "2000")
    assert "answers right" in said


@pytest.mark.slow
def test_latency_is_measured_and_no_fact_is_lost() -> None:
    small = ("--only", "worker", "--seconds", "2", "--subscribers", "300", "--rate", "500", "--no-write")
    _, _, row = command("tests.bench", "latency", *small).split("\n| ")[:3]
    lost, _, expected = row.split(" | ")[3].partition(" of ")
    assert lost == "0"
    assert int(expected) > 0


@pytest.mark.slow
def test_size_is_measured_from_the_load_to_the_close(tmp_path: Path) -> None:
    said = command("tests.bench.size", "--subscribers", "2000", "--steps", "rebuild,close", "--folder", str(tmp_path))
    assert "month close, facts" in said
