"""docs/licences.md, written from the lock and from what was kept; `python -m deploy.licences.page` writes it anew."""

import re
from pathlib import Path
from typing import NamedTuple

from deploy.licences.packages import PERMISSIVE, ROOT, WEAK, packages

PAGE = ROOT / "docs" / "licences.md"
VENDORED = ROOT / "stream_app" / "console" / "web" / "static" / "vendor" / "VENDORED.md"
ROW = re.compile(r"^\| ([^ |]+\.js) \| ([^|]+) \| ([^|]+) \| [^|]+ \| ([^|]+) \| ([0-9a-f]{64}) \|$", re.MULTILINE)

HEAD = """\
# Licences 许可证

stream-app is under the Apache License 2.0. Written from `requirements.lock` by `make licences`;
`tests/security/test_licences.py` holds it to the lock and refuses a licence that does not fit. The list for machines
(SBOM, CycloneDX 1.6, with digests): `make sbom`.

"""


class Script(NamedTuple):
    """A script of others that the desk's pages bring along."""

    file: str
    name: str
    version: str
    licence: str
    sha256: str


def scripts() -> list[Script]:
    """Give the scripts kept, as VENDORED.md beside them says."""
    text = VENDORED.read_text(encoding="utf-8")
    return [Script(*(each.strip() for each in found.groups())) for found in ROW.finditer(text)]


def page() -> str:
    """Write the page."""
    found = packages()
    lines = [
        HEAD + f"Fit without a word: {', '.join(sorted(PERMISSIVE))}. These fit for a reason:",
        "",
        "| package | licence | why it fits |",
        "| --- | --- | --- |",
        *(f"| {name} | {licence} | {why} |" for name, (licence, why) in sorted(WEAK.items())),
        "",
        "## Python packages",
        "",
        "| package | version | licence | installed for |",
        "| --- | --- | --- | --- |",
        *(f"| {each.name} | {each.version} | {each.licence} | {each.use} |" for each in found),
        "",
        "## Scripts that the desk's pages bring along",
        "",
        "| package | version | licence |",
        "| --- | --- | --- |",
        *(f"| {each.name} | {each.version} | {each.licence} |" for each in scripts()),
        "",
        "## The private Kafka",
        "",
        "For demo, replay and tests, whoever runs them fetches Apache Kafka 4.1.1 and what it needs, 46 jars",
        "(`stream_app/local/kafka-4.1.1.lock.json`). They are passed on by nobody here;",
        "Kafka's own LICENSE names theirs.",
        "",
    ]
    return "\n".join(lines)


def write(path: Path = PAGE) -> None:
    """Write the page into its file."""
    path.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
