"""What must hold of a dead letter: it can be made and sent, and read back it is the record as it came."""

from types import SimpleNamespace
from typing import Any

from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from stream_app.wire.dead_letters import DeadLetter, dead_letter, original
from stream_app.wire.invalid import Reason
from stream_app.wire.models_facts import DeadLetterHeaders
from tests.fuzz.course import Sent

MOST_ADDED_BYTES = 8192  # that our headers may add to a record


def letter_for(sent: Sent, offset: int, reason: Reason, message: str) -> DeadLetter:
    """Make the letter, as a worker does for every record refused."""
    headers: Any = sent.headers
    return dead_letter(sent.topic, 0, offset, sent.timestamp_ms, sent.key, sent.value, headers, reason, message)


def check_letter(sent: Sent, letter: DeadLetter) -> None:
    """Send a letter through Kafka's own record format and unwrap it."""
    builder = DefaultRecordBatchBuilder(2, 0, 1, -1, -1, 0, 1 << 20)
    assert builder.append(0, 0, letter.key, letter.value, letter.headers) is not None
    (read,) = DefaultRecordBatch(bytes(builder.build()))
    back = original(SimpleNamespace(key=read.key, value=read.value, headers=read.headers))
    own = [(name, value) for name, value in sent.headers if not name.startswith("dl_")]
    assert (back.topic, back.key, back.value, list(back.headers)) == (sent.topic, sent.key, sent.value, own)
    added = {name: value for name, value in read.headers if name.startswith("dl_")}
    DeadLetterHeaders.model_validate({name: value.decode() for name, value in added.items()})
    assert sum(map(len, added.values())) < MOST_ADDED_BYTES, f"the letter's own headers are long: {added}"
