"""The list of all parts with their digests (SBOM, CycloneDX 1.6); `python -m deploy.licences.sbom FILE` writes it.

Rule: made of what is in git alone, so that the same commit gives the same list; checked against CycloneDX' own schema.
"""

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

from deploy.licences.packages import ENTRY, LOCK, ROOT, Package, packages
from deploy.licences.page import scripts
from stream_app import __version__

JARS = ROOT / "stream_app" / "local" / "kafka-4.1.1.lock.json"
DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")
Component = dict[str, Any]


class NotValid(Exception):
    """The list is not as CycloneDX wants it; the message says where."""


def sbom() -> dict[str, Any]:
    """Make the list."""
    found = packages()
    components = [*map(_python, found), *_scripts(), *_jars()]
    root = f"pkg:pypi/stream-app@{__version__}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": "stream-app",
                "version": __version__,
                "purl": root,
                "licenses": [{"expression": "Apache-2.0"}],
            }
        },
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": [each["bom-ref"] for each in components]}],
    }


def checked(text: str) -> str:
    """Hold a list to CycloneDX' schema; raises NotValid."""
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise NotValid(str(wrong))
    return text


def _python(package: Package) -> Component:
    purl = f"pkg:pypi/{package.name}@{package.version}"
    found = _component(purl, package.name, package.version, package.licence)
    # Any of the files of this version that the lock takes; which one it is depends on the machine.
    files = [{"alg": "SHA-256", "content": digest} for digest in _digests()[package.name]]
    scope = "optional" if package.use == "a private Kafka" else "required"
    return found | {
        "scope": scope,
        "externalReferences": [{"type": "distribution", "url": purl, "hashes": files}],
    }


def _scripts() -> Iterator[Component]:
    for each in scripts():
        found = _component(f"pkg:npm/{each.name}@{each.version}", each.name, each.version, each.licence)
        yield found | {"hashes": [{"alg": "SHA-256", "content": each.sha256}], "scope": "required"}


def _jars() -> Iterator[Component]:
    for jar in json.loads(JARS.read_text(encoding="utf-8"))["jars"]:
        group, name, version = jar["coordinates"].split(":")[:3]
        purl = f"pkg:maven/{group}/{name}@{version}"
        digest = {"alg": "SHA-256", "content": jar["sha256"]}
        yield _component(purl, name, version, None) | {"group": group, "hashes": [digest], "scope": "optional"}


def _component(purl: str, name: str, version: str, licence: str | None) -> Component:
    stated = {"licenses": [{"expression": licence}]} if licence else {}
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, **stated}


@cache
def _digests() -> dict[str, list[str]]:
    """Give the digests that the lock has under each package."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        entry = ENTRY.match(line)
        name = canonicalize_name(entry["name"]) if entry else name
        found.setdefault(name, []).extend(DIGEST.findall(line))
    return found


def main(path: Path) -> None:
    """Write the list into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(checked(json.dumps(sbom(), indent=2) + "\n"), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
