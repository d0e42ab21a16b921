"""What somebody asked a page of figures for: the branch, the month, the cohort; anything odd is as not asked for."""

from datetime import date, datetime
from typing import Annotated, Any, NamedTuple

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import Connection

from stream_app.console.desk import Desk
from stream_app.console.figures import stored
from stream_app.console.figures.daily import DAY
from stream_app.console.figures.monthly import MONTH
from stream_app.console.figures.stored import Value
from stream_app.console.web import words
from stream_app.console.web.language import N_, Language
from stream_app.core.policy import Policy


class Choice(BaseModel):
    """The choices of a page's address."""

    branch: Annotated[str, Query(max_length=256)] = ""  # empty: all
    month: Annotated[str, Query(max_length=7)] = ""
    cohort: Annotated[str, Query(max_length=64)] = ""
    indicator: Annotated[str, Query(max_length=64)] = ""
    target: Annotated[str, Query(max_length=12)] = ""
    loss: Annotated[str, Query(max_length=8)] = ""

    def address(self) -> dict[str, str]:
        """Give the choices that were made, for the address of a table."""
        return {name: value for name, value in self.model_dump().items() if value}


class Asked(NamedTuple):
    """A question for figures, with what it takes to answer it."""

    connection: Connection
    desk: Desk
    spoken: Language
    branch_id: str | None  # None: all
    choice: Choice

    def say(self, text: str, **values: object) -> str:
        """Give a sentence in the reader's language."""
        return self.spoken.say(text, **values)

    def word(self, group: str, code: object) -> str:
        """Put a code into words."""
        return words.word(self.spoken, group, code)

    def tier(self, code: str | None) -> str:
        """Put a tier into words."""
        return words.tier(self.spoken, self.desk.policies.versions[-1], code)

    def branch(self, branch_id: str) -> str:
        """Name a branch."""
        return branch_id or self.say(N_("no branch"))

    @property
    def now(self) -> datetime:
        """Tell the desk's time."""
        return self.desk.now()

    @property
    def policy(self) -> Policy:
        """Give the policy in force."""
        return self.desk.policies.in_force(self.now)

    @property
    def today(self) -> date:
        """Tell the local day."""
        return self.desk.policies.calendar.local_date(self.now)

    def figure(self, name: str, key: str) -> Value:
        """Give the part of a stored figure that was asked for; empty where there is none."""
        return stored.of_branch(stored.get(self.connection, name, key), self.branch_id)

    def months(self) -> list[str]:
        """List the months that have figures, the latest first."""
        return stored.keys(self.connection, MONTH)[::-1]

    def month(self) -> str:
        """Name the month asked for, else the latest; empty where there is none."""
        known = self.months()
        return self.choice.month if self.choice.month in known else next(iter(known), "")

    def branches(self) -> list[str]:
        """List the branches that figures tell of."""
        found: dict[str, Any] = {}
        for name in (DAY, MONTH):
            for value in stored.latest(self.connection, name, 1).values():
                found |= value[stored.BRANCHES]
        return sorted(name for name in found if name)
