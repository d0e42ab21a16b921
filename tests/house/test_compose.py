"""docker-compose.yml: shown to this machine alone, no secret in it, and only what there is is run, hemmed in."""

import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.containers.words import refusal, take_settings
from tests.house.sources import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if str(service["image"]).startswith("stream-app:")]
SECRET_NAME = re.compile(r"password|passwd|secret|token|credential|api_?key|private_?key", re.IGNORECASE)
VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
BOUND_SECONDS = 30

every = pytest.mark.parametrize("name", SERVICES)
each_of_ours = pytest.mark.parametrize("name", OURS)


def settled(text: object) -> str:
    """Put in what holds where nobody set anything."""
    return VARIABLE.sub(lambda found: found[2] or "", str(text))


def environment(service: dict[str, Any]) -> dict[str, str]:
    return {key: settled(value) for key, value in service.get("environment", {}).items()}


def words(service: dict[str, Any]) -> list[str]:
    given = [settled(word) for word in service["command"]]
    return given[1:] if "entrypoint" in service else given


def test_everything_of_the_service_is_there() -> None:
    parts = {"kafka", "topics", "worker-1", "worker-2", "desk", "desk-migrate", "postgres", "simulator"}
    assert parts | {"prometheus", "alertmanager", "grafana"} == SERVICES.keys()
    assert SERVICES["simulator"]["profiles"] == ["demo"]


@every
def test_a_service_is_published_on_the_loopback_address_only(name: str) -> None:
    assert all(str(port).startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@every
def test_a_service_has_its_secrets_from_files(name: str) -> None:
    given = SERVICES[name].get("environment", {})
    named = {key: str(value) for key, value in given.items() if SECRET_NAME.search(key)}
    granted = {f"/run/secrets/{secret}" for secret in SERVICES[name].get("secrets", [])}
    assert set(named.values()) <= granted


def test_no_address_holds_a_password() -> None:
    assert re.findall(r"://[^/\s:@]+:[^/\s@]+@", TEXT) == []


@every
def test_a_service_that_stays_has_a_health_check(name: str) -> None:
    service = SERVICES[name]
    assert "healthcheck" in service or service.get("restart") == "no"


@every
def test_a_service_is_hemmed_in(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.keys() >= {"cpus", "mem_limit", "pids_limit"}
    assert service.get("read_only", False) or name == "kafka"  # the file says why


@each_of_ours
def test_a_service_sets_only_what_there_is_to_set(name: str) -> None:
    take_settings(environment(SERVICES[name]), is_desk=name.startswith("desk"))


@each_of_ours
def test_a_service_is_started_with_words_that_there_are(name: str) -> None:
    assert refusal(words(SERVICES[name])) == ""


def test_one_service_builds_the_image_and_the_others_take_it() -> None:
    assert [name for name in OURS if "build" in SERVICES[name]] == ["topics"]
    assert {SERVICES[name]["image"] for name in OURS} == {SERVICES["topics"]["image"]}
    assert {SERVICES[name]["pull_policy"] for name in OURS if name != "topics"} == {"never"}
    assert SERVICES["topics"]["pull_policy"] == "missing"


def test_the_kafka_is_the_one_that_the_tests_run() -> None:
    assert SERVICES["kafka"]["image"] == "apache/kafka:4.1.1"


@every
def test_what_is_mounted_is_there(name: str) -> None:
    volumes = [str(volume).split(":") for volume in SERVICES[name].get("volumes", [])]
    folders = [volume for volume in volumes if volume[0].startswith("./")]
    assert [source for source, *_ in folders if not (ROOT / source).is_dir()] == []
    assert all(volume[-1] == "ro" for volume in folders)
    assert {source for source, *_ in volumes if not source.startswith("./")} <= COMPOSE["volumes"].keys()


def test_the_example_of_settings_names_all_and_what_holds_without() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert dict(re.findall(r"^#(\w+)=(.*)$", example, re.MULTILINE)) == dict(VARIABLE.findall(TEXT))


def test_the_script_makes_each_secret_once_for_its_readers(tmp_path: Path) -> None:
    script = tmp_path / "secrets.sh"
    script.write_bytes((ROOT / "deploy" / "compose" / "secrets.sh").read_bytes())
    run = ["sh", str(script)]
    subprocess.run(run, check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()}
    assert made.keys() == COMPOSE["secrets"].keys()
    assert len(made["desk_db_password"]) == len(made["grafana_admin_password"]) == 48  # 24 bytes of chance, in hex
    assert made["desk_db_password"] != made["grafana_admin_password"]
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert {stat.S_IMODE((tmp_path / "secrets" / name).stat().st_mode) for name in made} == {0o644}
    subprocess.run(run, check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()} == made


def test_the_desk_finds_its_password_where_libpq_takes_it(tmp_path: Path) -> None:
    (tmp_path / "desk_db_password").write_text("made-up", encoding="utf-8")
    shell, option, script = SERVICES["desk"]["entrypoint"]
    script = script.replace("$$", "$").replace("/run/secrets", str(tmp_path))
    passfile = tmp_path / "pgpass"
    command = [shell, option, script, "cat", str(passfile)]
    said = subprocess.run(
        command, env={"PGPASSFILE": str(passfile)}, capture_output=True, text=True, check=True, timeout=BOUND_SECONDS
    )
    assert said.stdout == "postgres:5432:desk:desk:made-up\n"
    assert stat.S_IMODE(passfile.stat().st_mode) == 0o600
    assert SERVICES["desk"]["environment"]["STREAM_APP_DESK_DATABASE_URL"] == "postgresql://desk@postgres:5432/desk"
