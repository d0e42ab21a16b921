"""How often a login may fail: by login and by address, within a sliding window of the wall clock."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, func, insert, or_, select

from stream_app.console.store.access_tables import LoginAttempt

WINDOW = timedelta(minutes=15)
LONGEST = 200  # of the column


class Limit(NamedTuple):
    """So many failures within the window; `whose` is what they are counted by."""

    whose: str
    most: int


def limits(login: str, address: str) -> tuple[Limit, Limit]:
    """Name what a try is counted by: people share an address (an office), so it may fail oftener."""
    return Limit(f"login:{login.lower()}"[:LONGEST], 5), Limit(f"address:{address}"[:LONGEST], 50)


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


def forgive(connection: Connection, bounds: tuple[Limit, Limit], now: datetime) -> None:
    """Take back a try that was right, with the login's failures; the address's stay, so that guesses go on counting."""
    by_login, by_address = (LoginAttempt.whose == bound.whose for bound in bounds)
    connection.execute(delete(LoginAttempt).where(or_(by_login, and_(by_address, LoginAttempt.at == now))))


def _failures(connection: Connection, whose: str, now: datetime) -> int:
    counted = select(func.count()).where(LoginAttempt.whose == whose, LoginAttempt.at > now - WINDOW)
    return connection.execute(counted).scalar_one()
