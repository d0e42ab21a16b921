"""The monitoring's own tools: Prometheus', Alertmanager's. A machine without them skips, CI does not."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.sources import ROOT

PROMETHEUS, ALERTMANAGER, GRAFANA = (ROOT / "deploy" / name for name in ("prometheus", "alertmanager", "grafana"))
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
STORIES = sorted((PROMETHEUS / "tests").glob("*.yml"))


def tool(name: str) -> str:
    """Find a program; skips where there is none, but fails in CI."""
    found = shutil.which(name)
    if found is None:
        message = f"no {name} on this machine: apt-get install prometheus prometheus-alertmanager"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


def said(name: str, *words: str | Path) -> str:
    """Run a tool, which has to end well; gives what it printed."""
    done = subprocess.run([tool(name), *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
