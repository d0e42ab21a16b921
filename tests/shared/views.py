"""What of a view the engines agree on, in whatever order feeds meet."""

from collections.abc import Mapping
from typing import Any


def without_path(view: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out of a view what hangs on which records of other feeds came before a tick: the level and since when.

    A replay holds feeds back for ticks, and compares these too.
    """
    risk = {name: value for name, value in view["risk"].items() if name in {"score", "reasons", "protections"}}
    return {**view, "risk": risk}
