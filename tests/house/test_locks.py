"""The lock files: every package pinned and hashed, no host named, and both agreeing with pyproject.toml."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.sources import ROOT

LOCKS = ["requirements.lock", "requirements-dev.lock"]
ENTRY = re.compile(
    r"^(?P<name>[a-zA-Z0-9._-]+)(?:\[[^]]*\])?==(?P<version>\S+)(?: ; [^\\]+)?(?P<hashes>(?: \\\n    --hash=\S+)+)$",
    re.MULTILINE,
)


def entries(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {canonicalize_name(found["name"]): found["version"] for found in ENTRY.finditer(text)}


def declared(*, with_dev: bool) -> list[Requirement]:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = document["project"]
    names = [*project["dependencies"], *project["optional-dependencies"]["local"]]
    return [Requirement(name) for name in names + (document["dependency-groups"]["dev"] if with_dev else [])]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_belongs_to_a_pinned_and_hashed_package(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert ENTRY.sub("", text).strip() == ""
    assert all("sha256:" in found["hashes"] for found in ENTRY.finditer(text))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


@pytest.mark.parametrize(("lock", "with_dev"), [(LOCKS[0], False), (LOCKS[1], True)], ids=["runtime", "dev"])
def test_a_lock_holds_what_pyproject_asks_for(lock: str, *, with_dev: bool) -> None:
    locked = entries(lock)
    wanted = declared(with_dev=with_dev)
    unmet = [str(need) for need in wanted if locked.get(canonicalize_name(need.name), "none") not in need.specifier]
    assert unmet == []


def test_developers_run_the_versions_that_are_shipped() -> None:
    assert entries(LOCKS[0]).items() <= entries(LOCKS[1]).items()
