"""Kept libraries are those listed, byte for byte, each with its licence."""

import hashlib
import re

from stream_app.console.web.layout import STATIC

FOLDER = STATIC / "vendor"
ROW = re.compile(
    r"^\| (?P<file>[\w.-]+) \| (?P<package>[\w.@/-]+) \| (?P<version>[\d.]+) \|.*\| (?P<digest>[0-9a-f]{64}) \|$"
)


def listed() -> dict[str, re.Match[str]]:
    lines = (FOLDER / "VENDORED.md").read_text(encoding="utf-8").splitlines()
    return {match["file"]: match for match in map(ROW.match, lines) if match}


def test_every_library_is_listed_with_its_digest_and_nothing_else_is() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.js")}
    assert found == {name: match["digest"] for name, match in listed().items()}
    assert {"htmx.min.js", "htmx-ext-sse.min.js"} <= set(found)


def test_every_library_has_its_licence_beside_it() -> None:
    licences = [path.name for path in FOLDER.glob("*LICENSE*")]
    for name in listed():
        stem = name.removesuffix(".js").removesuffix(".min").removesuffix(".umd")
        assert [licence for licence in licences if licence.startswith((f"{stem}.LICENSE", f"{stem}.umd.LICENSE"))], name


def test_no_page_or_style_asks_another_host_for_anything() -> None:
    for path in (*STATIC.rglob("*.css"), *(STATIC.parent / "templates").glob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"(?:src|href|action)=\"(?:https?:)?//|url\(|@import", text) == [], path.name
