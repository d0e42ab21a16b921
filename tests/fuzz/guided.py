"""The decoder and the stored rows under atheris, which keeps what reaches new code; atheris is no dependency of ours.

    uv pip install atheris
    python -m tests.fuzz.guided out/guided -runs=1000000

Rule: as in `judge`: InvalidMessage is the only exception, and the fast way says what the models say.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

atheris: Any = importlib.import_module("atheris")  # by name: where it is not installed, types cannot be known
with atheris.instrument_imports(include=["stream_app.wire", "stream_app.core", "json"]):
    from stream_app.core.events import FEEDS
    from stream_app.core.months import calendar_for
    from stream_app.wire.decode import NO_KEY, Decoder
    from stream_app.wire.invalid import InvalidMessage
    from stream_app.wire.stored import UnreadableState, dump_subscriber, load_partition, load_subscriber

from tests.fuzz.corpus import corpus  # noqa: E402 - atheris sees only what is imported first in its own block

DECODER = Decoder(calendar_for("Asia/Shanghai", 1))


def one(data: bytes) -> None:
    """Work one input: its first byte says what it is."""
    kind, value = data[:1], data[1:]
    try:
        if kind == b"t":
            DECODER.tick(None, value)
        elif kind == b"s":
            dump_subscriber(load_subscriber(value))
        elif kind == b"p":
            load_partition(value)
        else:
            topic = FEEDS[ord(kind or b"0") % len(FEEDS)]
            event = DECODER.event(None if kind == b"l" else topic, NO_KEY, value)
            assert event == DECODER.judge(None if kind == b"l" else topic, NO_KEY, value)
            DECODER.event(topic, event.subscriber_id.encode(), value) if kind != b"l" else None
    except (InvalidMessage, UnreadableState):
        pass


def main() -> None:
    """Seed the folder of inputs with the corpus, then let atheris go."""
    folder = Path(next((word for word in sys.argv[1:] if not word.startswith("-")), "out/guided"))
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(corpus().texts):
        folder.joinpath(f"seed-{number}").write_bytes(b"l" + text)
        folder.joinpath(f"seed-t{number}").write_bytes(b"t" + text)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
