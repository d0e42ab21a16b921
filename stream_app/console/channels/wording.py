"""Messages from templates: a title and a text, in English or Chinese, with a link to the page.

Rule: what a template is filled with comes out as plain text on one line, so that no value is taken for markup, for
another line or for a header.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from stream_app.console.channels.words import word

Template = Literal["task_assigned", "handed_over", "escalated", "digest"]
_FOLDER = Path(__file__).parent / "templates"
LISTED: Final = 20  # of a digest: more would not fit in a robot's message
_MARKUP = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029<>\[\]()*`#\\]+")


class Message(NamedTuple):
    """What is told, to whom; `address` is what the channel finds them by, `data` what programs are told beside."""

    delivery_id: str
    template: str
    title: str
    text: str
    link: str
    language: str
    address: str
    user_id: str
    made_at: datetime
    data: Mapping[str, Any]


class Wording(NamedTuple):
    """What messages are written with: how people reach the pages, and whose local time they are told."""

    public_url: str
    zone: str

    def link(self, subject: Mapping[str, Any]) -> str:
        """Give the page of what a message tells: the case's, the customer's, or the list of tasks."""
        case_id, subscriber_id = subject.get("case_id"), subject.get("subscriber_id")
        path = f"/tasks/{case_id}" if case_id else f"/customers/{subscriber_id}" if subscriber_id else "/"
        return self.public_url.rstrip("/") + quote(path)

    def write(self, template: str, language: str, subject: Mapping[str, Any]) -> tuple[str, str]:
        """Fill a template; gives title and text."""
        found = _environment(self.zone, "zh" if language == "zh" else "en")
        suffix = "zh" if language == "zh" else "en"
        content = found.get_template(f"{template}.{suffix}.txt").render(**subject, most=LISTED)
        title, _, text = content.partition("\n\n")
        return title.strip(), text.strip()


def plain(value: object) -> str:
    """Write a value on one line, without what chats read as markup."""
    return _MARKUP.sub(" ", str(value)).strip()


@cache
def _environment(zone: str, language: str) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(_FOLDER), undefined=StrictUndefined, finalize=plain, keep_trailing_newline=True
    )
    environment.filters["word"] = partial(word, language=language)
    environment.filters["local"] = partial(_local, zone=zone)
    return environment


def _local(value: str, zone: str) -> str:
    return datetime.fromisoformat(value).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
