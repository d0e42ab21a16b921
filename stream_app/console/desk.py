"""What everything at the desk works with: the database, the policy in force, and the time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine

from stream_app.console.channels.declared import Channel
from stream_app.core.policy import PolicySet


class Desk(NamedTuple):
    """The desk's means; `now` is aware and in UTC, by the machine or by the ticks; `channels` tell people."""

    engine: Engine
    policies: PolicySet
    now: Callable[[], datetime]
    channels: Sequence[Channel] = ()
