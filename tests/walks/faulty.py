"""A release with a fault of ours, for the walk of a record that stops the worker: it breaks on one record, always."""

from typing import Any

from stream_app.cli import main
from stream_app.core.events import Event
from stream_app.wire import decode

UNWORKABLE = "walk-unworkable"
_sound = decode.Decoder.event


def _breaking(self: decode.Decoder, topic: str | None, key: Any, value: bytes | None) -> Event:
    if UNWORKABLE.encode() in (value or b""):
        message = "a fault of ours"
        raise ZeroDivisionError(message)
    return _sound(self, topic, key, value)


if __name__ == "__main__":
    decode.Decoder.event = _breaking  # type: ignore[method-assign]
    main()
