"""The texts that pages say, as Babel finds them in templates and code; and the catalogues of their translations."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from stream_app.console.web.language import LOCALE

WEB = LOCALE.parent
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext.babel_extract")]
KEYWORDS = {"_": None, "N_": None, "say": None}
OPTIONS = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false", "newstyle_gettext": "true"}}


def said(folder: Path = WEB) -> Mapping[str, list[str]]:
    """Find every text that is put into the reader's language, with where it is said."""
    found: dict[str, list[str]] = {}
    for file, line, text, _comments, _context in extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS):
        for each in [text] if isinstance(text, str) else text:
            found.setdefault(each, []).append(f"{file}:{line}")
    return found


def catalogues(code: str) -> Iterator[tuple[Path, Catalog]]:
    """Read the catalogues of a language."""
    for path in sorted((LOCALE / code / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            yield path, read_po(file, locale=code)
