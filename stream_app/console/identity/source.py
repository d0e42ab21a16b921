"""What an identity source gives, and how it fails."""

from typing import NoReturn, Protocol


class IdentityError(Exception):
    """The source cannot be used; the message says where and what to do, and holds no name and no number."""


class Identity:
    """A name and a number to dial. It shows neither when it is printed, and cannot be stored by accident."""

    __slots__ = ("name", "number")

    def __init__(self, name: str, number: str) -> None:
        self.name, self.number = name, number

    def __repr__(self) -> str:
        return "Identity(hidden)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and (self.name, self.number) == (other.name, other.number)

    def __hash__(self) -> int:
        return hash((self.name, self.number))

    def __reduce__(self) -> NoReturn:
        message = "an identity is shown, not stored"
        raise TypeError(message)


class IdentitySource(Protocol):
    """Where names and numbers are found; may be asked from several threads at once."""

    def look_up(self, subscriber_id: str) -> Identity | None:
        """Find who a subscriber is; None where the source does not know them. Raises IdentityError."""
        ...
