"""The image: what it is made of is there and locked, its parts import, and it runs as nobody on a root it cannot write.

There is no engine here: nothing of this builds the image.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deploy.containers.dockerfile import PATH, copied, instructions, rests
from tests.deploy.containers.tools import fetched
from tests.house.sources import PACKAGE, ROOT, imported, modules

[LEFT_OUT] = [found.split() for rest in rests("RUN") for found in re.findall(r"uninstall --yes ([^&]+)", rest)]
OF_OTHER_SYSTEMS = {"colorama"}  # Windows'
SHIPPED = ("worker", "desk", "topics", "feed", "dead_letters", "policy", "why")  # commands that a container is for
OF_THE_PRIVATE_KAFKA = ("stream_app.local", "stream_app.demo", "stream_app.replay")
PINNED = re.compile(r"^([a-zA-Z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


@cache
def owners_of_roots() -> Mapping[str, list[str]]:
    return packages_distributions()


def locked(name: str) -> dict[str, str]:
    return {canonicalize_name(package): version for package, version in PINNED.findall((ROOT / name).read_text())}


def test_what_is_copied_is_there_and_is_sent_to_the_engine() -> None:
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert copied()
    assert [source for source in copied() if not (ROOT / source).exists()] == []
    assert sorted(sent) == sorted(copied())


def test_only_what_is_copied_is_sent_to_the_engine() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"


@pytest.mark.parametrize("script", rests("RUN"))
def test_a_step_is_a_script(script: str) -> None:
    assert subprocess.run(["sh", "-n", "-c", script], check=False).returncode == 0  # noqa: S607


def test_it_runs_as_a_number_that_is_not_root() -> None:
    last_stage = [each.word for each in instructions()].index("FROM", 1)
    users = [each.rest for each in instructions()[last_stage:] if each.word == "USER"]
    assert users == ["10001:10001"]


def test_its_python_is_the_one_that_the_tests_run_on() -> None:
    assert {rest.split()[0] for rest in rests("FROM")} == {f"python:3.{sys.version_info.minor}-slim-bookworm"} or (
        sys.version_info[:2] != (3, 11)  # a developer's; CI has the one that is shipped
    )


def test_each_package_comes_by_its_hash() -> None:
    installs = [step for rest in rests("RUN") for step in rest.split("&&") if re.search(r"pip\b.* install ", step)]
    assert installs
    assert [step for step in installs if "--require-hashes" not in step and "--no-index" not in step] == []


def test_what_builds_it_is_what_developers_build_with() -> None:
    build, dev = locked("deploy/requirements-build.lock"), locked("requirements-dev.lock")
    assert build
    assert build.items() <= dev.items()


def test_the_lock_holds_every_package_that_our_code_imports() -> None:
    owners = owners_of_roots()
    ours = {name: tree for name, tree in modules().items() if not name.startswith(OF_THE_PRIVATE_KAFKA)}
    roots = {name.split(".")[0] for tree in ours.values() for name in imported(tree)}
    outside = {root for root in roots if root not in sys.stdlib_module_names and root not in {PACKAGE, "numpy"}}
    has = locked("requirements.lock").keys() - {*LEFT_OUT}
    assert {root for root in outside if not has & {canonicalize_name(each) for each in owners.get(root, [])}} == set()


def test_every_part_starts_without_the_private_kafka_and_what_only_developers_have() -> None:
    dev_only = {*LEFT_OUT} | locked("requirements-dev.lock").keys() - locked("requirements.lock").keys()
    owners = owners_of_roots()
    banned = {root for root, names in owners.items() if {canonicalize_name(name) for name in names} <= dev_only}
    script = f"""
import sys
class Banned:
    def find_spec(self, name, path=None, target=None):
        if name in {banned!r}:
            raise ImportError(name + " is not in the image")
sys.meta_path.insert(0, Banned())
from importlib import import_module
for command in {SHIPPED!r}:
    import_module("stream_app.commands." + command)
print("all are there")
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert said.stdout == "all are there\n", said.stderr


def test_what_is_taken_out_again_is_what_no_part_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = closure([*project["dependencies"], *project["optional-dependencies"]["desk"]])
    assert locked("requirements.lock").keys() - needed - OF_OTHER_SYSTEMS == {*LEFT_OUT}


def closure(wanted: list[str]) -> set[str]:
    """Name what requirements bring with them on this system."""
    found, waiting = set[tuple[str, str]](), [Requirement(text) for text in wanted]
    while waiting:
        need = waiting.pop()
        for extra in ("", *need.extras):
            name = canonicalize_name(need.name)
            if (name, extra) in found:
                continue
            found.add((name, extra))
            for text in requires(name) or []:
                each = Requirement(text)
                if each.marker is None or each.marker.evaluate({"extra": extra}):
                    waiting.append(each)
    return {name for name, _ in found}


def test_hadolint_has_nothing_to_say() -> None:
    said = subprocess.run([fetched("bin/hadolint"), PATH], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, ""), said.stderr


def test_hadolint_would_say_so() -> None:
    bad = "FROM python:latest\nRUN apt-get install curl\n"
    said = subprocess.run([fetched("bin/hadolint"), "-"], input=bad, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "DL3007" in said.stdout
