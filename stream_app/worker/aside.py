"""Records of a run that are not worked: refused for their headers, or set aside by an operator.

Rule: each becomes a dead letter with its reason, and the run goes on without it. Most runs have none, and are not
copied.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from stream_app.lane import OddRecord, Record
from stream_app.wire.decode import Decoder
from stream_app.wire.invalid import InvalidMessage, Reason

# The contract's reasons are promised to readers, and this is the one for what a release does not know what to do with.
SET_ASIDE: Reason = "unknown_type"
SET_ASIDE_WORDS = "set aside by STREAM_APP_SET_ASIDE: this release could not work it, a later one may"


class Refused(NamedTuple):
    """A record that is not worked, and why."""

    record: Record
    reason: Reason
    message: str


class Aside:
    """Finds them in the runs of one partition."""

    def __init__(self, decoder: Decoder, partition: int, set_aside: Collection[tuple[str, int, int]]) -> None:
        self._decoder = decoder
        self._offsets: dict[str, set[int]] = {}
        for topic, its_partition, offset in set_aside:
            if its_partition == partition:
                self._offsets.setdefault(topic, set()).add(offset)

    def of(self, topic: str, records: Sequence[Record]) -> list[Refused]:
        """Give those of a run, in its order."""
        if OddRecord not in set(map(type, records)) and topic not in self._offsets:
            return []
        return list(self._refused(topic, records))

    def _refused(self, topic: str, records: Sequence[Record]) -> Iterator[Refused]:
        chosen = self._offsets.get(topic, set())
        for record in records:
            if record.offset in chosen:
                yield Refused(record, SET_ASIDE, SET_ASIDE_WORDS)
            elif isinstance(record, OddRecord):
                yield self._odd(topic, record)

    def _odd(self, topic: str, record: OddRecord) -> Refused:
        """Refuse what has a header that no reader of ours could name; a reason that comes before it is the one."""
        try:
            self._decoder.event(topic, record.key, record.value)
            check_named(record)
        except InvalidMessage as invalid:
            return Refused(record, invalid.reason, invalid.message)
        message = "an odd record was not refused"
        raise AssertionError(message)


def check_named(record: Record) -> None:
    """Refuse a record with a header whose name is no text; raises InvalidMessage."""
    if isinstance(record, OddRecord):
        raise InvalidMessage(reason="invalid_field", message=record.complaint)


def place_of(topic: str, partition: int, offset: int) -> str:
    """Write where a record lies, as STREAM_APP_SET_ASIDE wants it."""
    return f"{topic}:{partition}:{offset}"


def stopped_at(topic: str, partition: int, offset: int) -> str:
    """Say at which record a worker stopped, and where to read on."""
    return f"at {place_of(topic, partition, offset)} (see the runbook, 'A record that stops the worker')"
