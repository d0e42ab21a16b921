"""TLS contexts whose certificates are read again when their files change, so that none ends for want of a restart.

Rule: what cannot be read at the start stops it, in words; what becomes unreadable later leaves the old in use, and is
said in the log.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from weakref import WeakSet

from stream_app.settings import SettingsError

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
Load = Callable[[ssl.SSLContext], None]
Stamp = tuple[tuple[int, int], ...]


class KeptContext:
    """A context with the files that it was made of; connections made after `refresh` use what the files hold then."""

    def __init__(self, context: ssl.SSLContext, load: Load, files: Mapping[str, Path]) -> None:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context, self._load, self._files = context, load, files
        self._stamp: Stamp = ()
        self.refresh()
        _in_use.add(self)

    def __repr__(self) -> str:
        return ", ".join(f"{variable} ({path})" for variable, path in self._files.items())

    def refresh(self) -> bool:
        """Read the files again if one has changed, and tell whether; raises SettingsError, and goes on with the old."""
        stamp = stamp_of(self._files)
        if stamp == self._stamp:
            return False
        self._load(self.context)
        self._stamp = stamp
        return True


_in_use: WeakSet[KeptContext] = WeakSet()


async def keep_fresh() -> None:
    """Read the files of all contexts again whenever they have changed, until cancelled."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        refresh_all()


def refresh_all() -> None:
    """Read files again that have changed; those that cannot be read leave the old in use."""
    for each in list(_in_use):
        try:
            if each.refresh():
                log.info("certificates were read again: %s", each)
        except SettingsError as refusal:
            log.error("the old certificate stays in use: %s", refusal)  # noqa: TRY400 - no bug


def stamp_of(files: Mapping[str, Path]) -> Stamp:
    """Say when files were last changed; `files` is by the variable that names each. Raises SettingsError."""
    return tuple(_changed(variable, path) for variable, path in files.items())


def load_pair(context: ssl.SSLContext, variables: tuple[str, str], cert: Path, key: Path) -> None:
    """Load a certificate (and those that vouch for it) with its key; raises SettingsError, naming the variables."""
    try:
        # An empty password instead of a question on the terminal, where nobody may sit.
        context.load_cert_chain(cert, key, password=lambda: b"")
    except (ssl.SSLError, OSError, ValueError) as refusal:
        why = getattr(refusal, "reason", None) or getattr(refusal, "strerror", None) or str(refusal)
        message = (
            f"{variables[0]} ({cert}) and {variables[1]} ({key}) cannot be used together ({why}): give a certificate "
            "in PEM and its own key, without a password"
        )
        raise SettingsError(message) from None


def load_trusted(context: ssl.SSLContext, variable: str, path: Path) -> None:
    """Trust who is vouched for by the CA certificates of a file; raises SettingsError."""
    try:
        context.load_verify_locations(path)
    except (ssl.SSLError, OSError) as refusal:
        why = getattr(refusal, "reason", None) or getattr(refusal, "strerror", None) or str(refusal)
        message = f"{variable} ({path}) holds no CA certificate in PEM ({why})"
        raise SettingsError(message) from None


def _changed(variable: str, path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as refusal:
        message = f"{variable}: {path} cannot be read: {refusal.strerror}"
        raise SettingsError(message) from None
    return found.st_mtime_ns, found.st_ino
