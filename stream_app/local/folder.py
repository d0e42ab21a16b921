"""Folders that one owner uses at a time: locks that end with their holder, and room on the disk."""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stream_app.local.errors import FolderInUseError, NoDiskSpaceError

PAUSE_SECONDS = 0.05


@contextmanager
def exclusive(lock_path: Path, patience_seconds: float) -> Iterator[None]:
    """Hold a lock file, alone on this machine and in this program.

    Raises FolderInUseError when somebody else keeps it for longer than the patience.
    """
    with lock_path.open("a+b") as file:
        _lock_within(file.fileno(), lock_path.parent, patience_seconds)
        yield  # closing the file gives the lock back


def require_free_of_kafka(log_folder: Path, patience_seconds: float) -> None:
    """Wait until no Kafka holds the log folder's own lock.

    Kafka looks at it only after its controller has joined the metadata log, when the first broker is already spoilt
    (ARCHITECTURE.md section 6), so it is looked at before Java starts. Raises FolderInUseError.
    """
    path = log_folder / ".lock"
    deadline = time.monotonic() + patience_seconds
    while path.exists() and _held_by_java(path):
        if time.monotonic() >= deadline:
            raise _in_use(log_folder)
        time.sleep(PAUSE_SECONDS)


def require_disk_space(folder: Path, least_bytes: int) -> None:
    """Raise NoDiskSpaceError when the folder's disk has less room than asked for."""
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < least_bytes:
        message = f"{folder}: {free_bytes >> 20} MiB free, {least_bytes >> 20} needed; make room or name another folder"
        raise NoDiskSpaceError(message)


def _lock_within(descriptor: int, folder: Path, patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    while not _try_lock(descriptor):
        if time.monotonic() >= deadline:
            raise _in_use(folder)
        time.sleep(PAUSE_SECONDS)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # flock also parts two holders in one program
    except BlockingIOError:
        return False
    return True


def _held_by_java(path: Path) -> bool:
    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a POSIX record lock, as Java's FileLock takes
        except (BlockingIOError, PermissionError):
            return True
    return False


def _in_use(folder: Path) -> FolderInUseError:
    return FolderInUseError(f"{folder} is in use by another broker; stop that one or name another folder")
