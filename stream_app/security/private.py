"""Leaving TLS and SASL out where all runs on this machine: a private broker and those around it know neither."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from stream_app.settings import DESK, KAFKA, PREFIX

OF_HTTP = (f"{PREFIX}WEB_TLS_", f"{PREFIX}{DESK}WEB_TLS_")


@contextmanager
def unsecured(*prefixes: str) -> Iterator[None]:
    """Have this process, and those it starts, do without the settings under prefixes; by default all of TLS and SASL.

    Whoever has his cluster's settings in the environment may try a replay or the demo beside it.
    """
    left_out = prefixes or (PREFIX + KAFKA, *OF_HTTP)
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(left_out)}
    for name in kept:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(kept)
