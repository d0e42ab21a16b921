"""How a page is put together: the template, the reader's language and what every page shows."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stream_app.console.access.viewer import Viewer
from stream_app.console.desk import Desk
from stream_app.console.web import words
from stream_app.console.web.language import N_, NAMES, TAGS, Language, choose, language
from stream_app.console.web.words_of_codes import GROUPS

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Entry(NamedTuple):
    """A page in the navigation, and who has it."""

    path: str
    title: str
    roles: tuple[str, ...]


EVERYBODY = ("manager", "supervisor", "management", "operations")
# A role's first entry is its home.
NAVIGATION = (
    Entry("/tasks", N_("My tasks"), ("manager",)),
    Entry("/team", N_("My team"), ("supervisor",)),
    Entry("/book", N_("Customer list"), ("manager", "supervisor")),
    Entry("/balances", N_("Balance warnings"), ("manager", "supervisor")),
    Entry("/business", N_("Figures"), ("management", "supervisor")),
    Entry("/operations", N_("Operations"), ("operations",)),
    Entry("/scripts", N_("Scripts"), ("manager", "supervisor")),
    Entry("/account", N_("My account"), EVERYBODY),
)


def navigation(role: str) -> list[Entry]:
    """Give the pages of a role, its home first."""
    return [entry for entry in NAVIGATION if role in entry.roles]


def environments(desk: Desk) -> dict[str, Environment]:
    """Make what renders templates, one a language; instants are shown in the billing zone."""
    zone = ZoneInfo(desk.policies.versions[0].billing.zone)
    return {code: _environment(language(code), desk, zone) for code in NAMES}


def page(
    request: Request, viewer: Viewer | None, template: str, /, status: int = 200, **context: object
) -> HTMLResponse:
    """Render a template as an answer; it is never stored, since it may show a customer."""
    text = render(request, viewer, template, **context)
    return HTMLResponse(text, status, {"cache-control": "no-store", "vary": "Cookie, Accept-Language"})


def render(request: Request, viewer: Viewer | None, template: str, /, **context: object) -> str:
    """Render a template in the viewer's language."""
    chosen = choose(request, viewer)
    everywhere = {
        "viewer": viewer,
        "lang": TAGS[chosen.code],
        "navigation": navigation(viewer.role) if viewer else [],
        "here": request.url.path,
        "now": request.app.state.desk.now(),
        "csrf": viewer.csrf if viewer else "",
    }
    environment: Environment = request.app.state.environments[chosen.code]
    return environment.get_template(template).render(everywhere | context)


def _environment(spoken: Language, desk: Desk, zone: ZoneInfo) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_translations(spoken.translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(_filters(spoken, desk, zone))
    environment.globals.update(static=static, languages=NAMES, _=_speaker(spoken))
    return environment


def _speaker(spoken: Language) -> Callable[..., Markup]:
    """Make the templates' `_`: as Jinja has it, but each text is looked up once (a long list has hundreds)."""

    @cache
    def known(text: str) -> Markup:
        return Markup(spoken.translations.ugettext(text))  # noqa: S704 - the templates' own words

    def say(text: str, **values: object) -> Markup:
        return known(text) % values if values or "%" in text else known(text)

    return say


def _filters(spoken: Language, desk: Desk, zone: ZoneInfo) -> dict[str, Callable[..., Any]]:
    codes = {group: partial(words.word, spoken, group) for group in GROUPS}
    return codes | {
        "yuan": words.yuan,
        "local": partial(local, zone=zone),
        "day": partial(day, zone=zone),
        "level": partial(words.level, spoken),
        "level_class": words.level_class,
        "tier": lambda code: words.tier(spoken, desk.policies.versions[-1], code),
        "why": partial(words.why, spoken),
        "figures": partial(words.figures, spoken),
        "terms": partial(words.terms, spoken),
        "leading": words.leading,
    }


def local(at: datetime | None, zone: ZoneInfo) -> Markup:
    """Write an instant in the billing zone, to the minute."""
    if at is None:
        return Markup("—")
    text = at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), text)


def day(at: datetime | None, zone: ZoneInfo) -> str:
    """Write the day of an instant in the billing zone."""
    return words.NOTHING if at is None else at.astimezone(zone).strftime("%Y-%m-%d")


def static(name: str) -> str:
    """Give the address of a static file; it changes with the file, which may then be kept for good."""
    return f"/static/{name}?v={_digests().get(name, '')}"


@cache
def _digests() -> Mapping[str, str]:
    files = (path for path in STATIC.rglob("*") if path.is_file())
    return {path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files}
