"""The product's offline replay, asked as the oracle is asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import orjson
import yaml

from stream_app.core.facts import Fact, MonthClosed, TierChanged
from stream_app.core.policy import PolicySet
from stream_app.core.view import view
from stream_app.replay.entries import Entry, decode_lines
from stream_app.replay.offline import OfflineReplay
from stream_app.wire.decode import Decoder
from stream_app.wire.facts import fact_object
from stream_app.wire.policy_file import parse_policy
from stream_app.wire.views import view_object


class Asked:
    """A replay run in this process, with everything it said."""

    def __init__(
        self, lines: Sequence[bytes | Mapping[str, Any]], policies: Sequence[Mapping[str, Any]], until: datetime
    ) -> None:
        versions = PolicySet([parse_policy(yaml.safe_dump(dict(policy)), "policy.yaml") for policy in policies])
        self.rejected: Counter[str] = Counter()
        self._facts: list[Fact] = []
        replay = OfflineReplay(versions, until, self._facts.append, self._reject)
        raw = [line if isinstance(line, bytes) else orjson.dumps(dict(line)) for line in lines]
        replay.run(decode_lines(raw, Decoder(versions.calendar), "lines"))
        self.duplicates = dict(replay.duplicates)
        clock = replay.ledger.clock
        self.subscribers = [view_object(view(sub, key, clock, versions)) for key, sub in replay.subscribers.items()]

    def _reject(self, _entry: Entry, reason: str, _message: str) -> None:
        self.rejected[reason] += 1

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Give the rows of closed months, in the order stated."""
        return [fact_object(fact) for fact in self._facts if isinstance(fact, MonthClosed)]

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Give the changes of tier; one cause's in the order of the subscribers, since a tick reaches them in any."""
        changes = [fact_object(fact) for fact in self._facts if isinstance(fact, TierChanged)]
        groups = (list(group) for _, group in groupby(changes, key=lambda change: str(change["cause"])))
        return [change for group in groups for change in sorted(group, key=lambda each: str(each["subscriber_id"]))]
