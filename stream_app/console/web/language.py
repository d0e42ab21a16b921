"""English and Chinese: which one somebody reads, and the words of each, from locale/*/LC_MESSAGES/desk.po."""

from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from fastapi import Request

from stream_app.console.access.viewer import Viewer

LOCALE = Path(__file__).parent / "locale"
COOKIE = "desk_language"
DEFAULT = "zh"
NAMES: Mapping[str, str] = {"zh": "简体中文", "en": "English"}
TAGS: Mapping[str, str] = {"zh": "zh-CN", "en": "en"}  # as HTML names them


class Language(NamedTuple):
    """A language with its words."""

    code: str
    translations: NullTranslations

    def say(self, text: str, **values: object) -> str:
        """Give a sentence in this language, with its figures put in."""
        said = self.translations.ugettext(text)
        return said % values if values else said


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text that is put into the reader's language later."""
    return text


@cache
def language(code: str) -> Language:
    """Give a language by its code; one we do not have is the default."""
    if code not in NAMES:
        return language(DEFAULT)
    return Language(code, _read(sorted((LOCALE / code / "LC_MESSAGES").glob("*.po"))))


def _read(paths: Sequence[Path]) -> NullTranslations:
    # Compiled in memory: what stands in git is what is shown.
    words = NullTranslations()
    for path in paths:
        words = (
            Translations(_compiled(path)).merge(words)
            if words.__class__ is Translations
            else Translations(_compiled(path))
        )
    return words


def _compiled(path: Path) -> BytesIO:
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return compiled


def choose(request: Request, viewer: Viewer | None) -> Language:
    """Choose by the user's own setting, else the cookie, else what the browser asks for."""
    if viewer is not None and viewer.language in NAMES:
        return language(viewer.language)
    cookie = request.cookies.get(COOKIE, "")
    return language(cookie if cookie in NAMES else asked_for(request.headers.get("accept-language", "")))


def asked_for(header: str) -> str:
    """Find the language that a browser would like best, of those there are."""
    wishes = [_wish(part) for part in header.split(",") if part.strip()]
    wanted = [tag for weight, tag in sorted(wishes, key=lambda wish: -wish[0]) if weight > 0]
    return (
        negotiate_locale([tag.replace("-", "_") for tag in wanted] + [tag[:2] for tag in wanted], list(NAMES))
        or DEFAULT
    )


def _wish(part: str) -> tuple[float, str]:
    tag, _, weight = part.strip().partition(";q=")
    try:
        return float(weight or 1), tag.strip().lower()
    except ValueError:
        return 0.0, tag
