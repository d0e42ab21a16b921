"""All addresses of the pages, as the application's routers have them."""

import re
from typing import NamedTuple

from fastapi.routing import APIRoute

from stream_app.console.web.app import OTHERS, PAGES

OPEN = {("GET", "/login"), ("POST", "/login"), ("GET", "/login/oidc"), ("GET", "/login/oidc/back")}
EXAMPLES = {"subscriber_id": "c-wang", "case_id": "case-wang"}  # Wang's


class Address(NamedTuple):
    """A method and a path, whose {names} are still to be filled in."""

    method: str
    path: str

    @property
    def names(self) -> set[str]:
        return set(re.findall(r"{(\w+)", self.path))

    def filled(self, **given: str) -> str:
        """Fill the names in: with what is given, else with an example."""
        found = {name: given.get(name, EXAMPLES.get(name, "1")) for name in self.names}
        return re.sub(r"{(\w+)[^}]*}", lambda match: found[match[1]], self.path)


def addresses() -> list[Address]:
    """List every address of every router."""
    routes = [route for router in (*PAGES, *OTHERS) for route in router.routes]
    assert all(isinstance(route, APIRoute) for route in routes)
    return sorted(
        Address(method, route.path) for route in routes if isinstance(route, APIRoute) for method in route.methods or ()
    )


GUARDED = [address for address in addresses() if address not in OPEN]
FORMS = [address for address in GUARDED if address.method != "GET"]
OF_CUSTOMERS = [address for address in GUARDED if address.names & {"subscriber_id", "case_id"}]


def name_of(address: Address) -> str:
    return f"{address.method} {address.path}"
