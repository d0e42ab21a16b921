"""Who looks at a page, and what is said to those who may not."""

from typing import Literal, NamedTuple, get_args

Role = Literal["manager", "supervisor", "management", "operations"]
ROLES: tuple[Role, ...] = get_args(Role)


class Viewer(NamedTuple):
    """Somebody logged in; `csrf` is what each form of this session carries."""

    user_id: str
    name: str
    role: str
    branch_id: str | None
    language: str
    csrf: str


class LoginNeededError(Exception):
    """Nobody is logged in, or no longer."""


class NotAllowedError(Exception):
    """The role may not do this."""


class ForeignFormError(Exception):
    """A form that this session was not given: from elsewhere, or from an earlier login."""


class NotFoundError(Exception):
    """It is not there, or not for this viewer: which of the two is not said."""
