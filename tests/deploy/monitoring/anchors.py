"""The headings of docs/, by the anchors that a page of them has."""

import re
from functools import cache

from tests.house.sources import ROOT

DOCS = ROOT / "docs"


@cache
def anchors(page: str) -> frozenset[str]:
    """Give the anchors of a page of docs/."""
    headings = re.findall(r"^#+ (.+)$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings)


def leads_somewhere(link: str) -> bool:
    """Tell whether a page of docs/, with an anchor or without, is there."""
    page, _, anchor = link.partition("#")
    return (DOCS / page).is_file() and (not anchor or anchor in anchors(page))
