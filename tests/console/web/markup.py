"""A page's markup, as a browser would take it."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

BLOCKS = {"td", "th", "dt", "dd", "li", "p", "option", "h1", "h2", "h3"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Element(NamedTuple):
    name: str
    attributes: dict[str, str]
    parents: tuple[str, ...]


class Markup(HTMLParser):
    """All elements of a page, its text, and what was left open or closed too often."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.text: list[str] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{name}> stays open" for name in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.faults += [f"<{tag}> has {name} twice" for name in set(names) if names.count(name) > 1]
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open)))
        if tag in BLOCKS:
            self.text.append(" ")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> within {self._open[-1:]}")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def named(self, *names: str) -> Iterator[Element]:
        return (element for element in self.elements if element.name in names)

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())
