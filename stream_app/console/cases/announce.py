"""Telling people of their cases, through the channels."""

from typing import Literal

from sqlalchemy import Connection

from stream_app.console.desk import Desk
from stream_app.core.desk.course import CaseState

Kind = Literal["assigned", "escalated", "handed_over", "digest"]


def announce(connection: Connection, desk: Desk, case: CaseState, kind: Kind) -> None:
    """Queue what is to be told of a case, in the transaction that changed it."""
