"""Why a start failed, from the lines that this start wrote."""

import re
from pathlib import Path

_FAILURE = re.compile(r"(\S+\.)*\S*(Exception|Error)\b|Error|Could not|Unrecognized")
_LONGEST = 300


class LogTail:
    """The part of some log files written from now on."""

    def __init__(self, *paths: Path) -> None:
        """Remember how far each file goes."""
        self._starts = {path: path.stat().st_size if path.exists() else 0 for path in paths}

    def first_failure(self) -> str:
        """Quote the first line that names an error."""
        lines = (line.strip() for path, start in self._starts.items() for line in _lines_from(path, start))
        return next((line[:_LONGEST] for line in lines if _FAILURE.match(line)), "no reason given")


def _lines_from(path: Path, start: int) -> list[str]:
    if not path.exists():
        return []
    written = path.read_bytes()
    # Shorter than before: the file was rolled over, so all of it is new.
    return written[start if len(written) >= start else 0 :].decode(errors="replace").splitlines()
