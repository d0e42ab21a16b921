"""How often a login may fail, within a sliding window of the wall clock.

Few times from one address; a login as a whole oftener, so that a stranger elsewhere does not lock its owner out.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, func, insert, or_, select

from stream_app.console.store.access_tables import LoginAttempt

WINDOW = timedelta(minutes=15)
LONGEST = 200  # of the column
HERE, ANYWHERE, OF_ALL = 5, 50, 50  # of a login from one address, of a login, from an address


class Limit(NamedTuple):
    """So many failures within the window; `whose` is what they are counted by."""

    whose: str
    most: int


class Bounds(NamedTuple):
    """What a try is counted by."""

    here: Limit
    login: Limit
    address: Limit


def limits(login: str, address: str) -> Bounds:
    """Name what a try is counted by: people share an address (an office), so it may fail oftener."""
    by_login = f"login:{login.lower()}"
    return Bounds(
        Limit(f"{by_login} {address}"[:LONGEST], HERE),
        Limit(by_login[:LONGEST], ANYWHERE),
        Limit(f"address:{address}"[:LONGEST], OF_ALL),
    )


def take_a_try(connection: Connection, bounds: Iterable[Limit], now: datetime) -> bool:
    """Count a try as failed before it is looked at, so that many at once do not slip through; say no at a limit.

    What is turned away is not counted: who is locked out gets in again once the window has moved on.
    """
    connection.execute(delete(LoginAttempt).where(LoginAttempt.at <= now - WINDOW))
    tried = list(bounds)
    if any(_failures(connection, bound.whose, now) >= bound.most for bound in tried):
        return False
    connection.execute(insert(LoginAttempt).values([{"whose": bound.whose, "at": now} for bound in tried]))
    return True


def forgive(connection: Connection, bounds: Bounds, now: datetime) -> None:
    """Take back a try that was right, with the login's failures from here; guesses made elsewhere go on counting."""
    here = LoginAttempt.whose == bounds.here.whose
    others = LoginAttempt.whose.in_([bounds.login.whose, bounds.address.whose])
    connection.execute(delete(LoginAttempt).where(or_(here, and_(others, LoginAttempt.at == now))))


def forget(connection: Connection, login: str) -> None:
    """Take all failures of a login back, wherever they were made."""
    whose = limits(login, "").login.whose
    its = or_(LoginAttempt.whose == whose, LoginAttempt.whose.startswith(f"{whose} ", autoescape=True))
    connection.execute(delete(LoginAttempt).where(its))


def _failures(connection: Connection, whose: str, now: datetime) -> int:
    counted = select(func.count()).where(LoginAttempt.whose == whose, LoginAttempt.at > now - WINDOW)
    return connection.execute(counted).scalar_one()
