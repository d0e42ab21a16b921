"""docker-compose.yml as Compose itself reads it: compose-go is its own reader."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deploy.containers.tools import fetched
from tests.house.sources import ROOT

COMPOSE = ROOT / "docker-compose.yml"


def read(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [fetched("go/compose-reader"), path]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_compose_reads_it_without_a_word() -> None:
    said = read(COMPOSE, COMPOSE_PROFILES="demo")
    assert (said.returncode, said.stderr) == (0, "")
    written = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    found = yaml.safe_load(said.stdout)
    assert set(found["services"]) == set(written["services"])
    assert found["services"]["desk"]["depends_on"]["desk-migrate"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("    healthcheck:", "    healthchek:"),
        ("      desk-migrate:\n        cond", "      nobody:\n        cond"),
        ("secrets: [grafana_admin_password]", "secrets: [no_such_secret]"),
        ("postgres-data:/var/lib", "no-such-volume:/var/lib"),
        ("networks: [database]", "networks: [no-such-network]"),
    ],
)
def test_compose_refuses_what_is_no_key_and_what_is_not_there(tmp_path: Path, given: str, made: str) -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    assert given in text
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(text.replace(given, made, 1), encoding="utf-8")
    assert read(broken).returncode == 1
