"""A private Apache Kafka: one KRaft node on the loopback address, started, checked and stopped by us."""

import shutil
import tempfile
import time
import weakref
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from stream_app.local.child import Child
from stream_app.local.errors import BrokerFailedError, LocalKafkaError
from stream_app.local.folder import exclusive, require_disk_space, require_free_of_kafka
from stream_app.local.jars import cache_folder, kafka_jars
from stream_app.local.java import JavaRuntime
from stream_app.local.outcome import LogTail
from stream_app.local.ports import LOOPBACK, answers_kafka, free_port, require_free
from stream_app.local.properties import logging_properties, server_properties
from stream_app.local.storage import format_log_folder

START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 30
FORMER_OWNER_SECONDS = 15  # a former owner's broker, orphaned a moment ago, may still be stopping
POLL_SECONDS = 0.02
ROOM_BYTES = 256 << 20

# Java works in the data folder and is told names relative to it, whatever letters the folder's own path has.
SETTINGS_NAME = "server.properties"
LOGGING_NAME = "log4j2.properties"


class LocalKafka:
    """A broker in a data folder; a context manager, and restartable: `stop` or `kill`, then `start`.

    Without a data folder it works in a temporary one, which goes when the `with` block or the program ends. The port,
    once chosen, stays the same over restarts.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        port: int = 0,
        heap: str = "256m",
        overrides: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Describe the broker; `port` 0 takes a free one, `overrides` are Kafka server properties."""
        self._given_dir = data_dir is not None
        self._data_dir = data_dir.resolve() if data_dir else Path(tempfile.mkdtemp(prefix="stream-app-kafka-"))
        self._forget = weakref.finalize(self, _remove_if, self._data_dir, remove=not self._given_dir)
        self._port = port
        self._heap = heap
        self._overrides = dict(overrides)
        self._child: Child | None = None
        self._java: JavaRuntime | None = None
        self._held = ExitStack()

    @property
    def bootstrap(self) -> str:
        """Give the address for clients, `127.0.0.1:PORT`."""
        if not self._port:
            message = "the broker has no address before its first start"
            raise LocalKafkaError(message)
        return f"{LOOPBACK}:{self._port}"

    @property
    def pid(self) -> int | None:
        """Name the Java process; None while the broker is down."""
        return self._child.pid if self._child and self._child.exit_code is None else None

    @property
    def log_path(self) -> Path:
        """Say where the broker writes its log."""
        return self._data_dir / "broker.log"

    def start(self) -> Self:
        """Start the broker and wait until it serves; the first time on a machine its jars are fetched.

        Raises a LocalKafkaError that says what is in the way.
        """
        if self.pid:
            return self
        self._abandon()  # what is left of a broker that ended by itself
        try:
            self._launch()
        except BaseException:  # Ctrl-C included: nothing stays behind
            self._abandon()
            raise
        return self

    def stop(self) -> None:
        """Stop the broker cleanly; the data stays."""
        if self._child and self._child.stop(STOP_TIMEOUT_SECONDS) and self._java:
            self._java.adopt_recording()
        self._release()

    def kill(self) -> None:
        """End the broker with SIGKILL, as a crash would; the data stays as the disk has it."""
        self._abandon()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop, and remove the folder if it was temporary."""
        self.stop()
        self._forget()

    def _launch(self) -> None:
        self._take_folder()
        cache = cache_folder()
        self._java = java = JavaRuntime(cache, kafka_jars(cache), self._heap)
        java.prepare()
        format_log_folder(self._log_folder, cache, java)
        self._port = self._port or free_port()
        require_free(self._port)
        tail = LogTail(self.log_path, self._output_path)
        self._child = Child(
            java.command("kafka.Kafka", self._write_settings(), options=self._java_options(java)),
            folder=self._data_dir,
            output=self._output_path,
            temporary=None if self._given_dir else self._data_dir,
        )
        self._await_answer(self._child, tail)

    def _take_folder(self) -> None:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._held.enter_context(exclusive(self._data_dir / "stream-app.lock", patience_seconds=0))
        require_free_of_kafka(self._log_folder, FORMER_OWNER_SECONDS)
        require_disk_space(self._data_dir, ROOM_BYTES)

    def _java_options(self, java: JavaRuntime) -> list[str]:
        (self._data_dir / LOGGING_NAME).write_text(logging_properties(self.log_path.name), encoding="ascii")
        return [*java.recording_options(), f"-Dlog4j2.configurationFile={LOGGING_NAME}"]

    def _write_settings(self) -> str:
        text = server_properties(self._log_folder.name, self._port, free_port(), self._overrides)
        (self._data_dir / SETTINGS_NAME).write_text(text, encoding="ascii")
        return SETTINGS_NAME

    def _await_answer(self, child: Child, tail: LogTail) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not answers_kafka(self._port):
            if child.exit_code is not None:
                message = f"Kafka ended with code {child.exit_code}: {tail.first_failure()}; see {self.log_path}"
                raise BrokerFailedError(message)
            if time.monotonic() >= deadline:
                message = f"Kafka did not answer within {START_TIMEOUT_SECONDS} s; see {self.log_path}"
                raise BrokerFailedError(message)
            time.sleep(POLL_SECONDS)

    def _abandon(self) -> None:
        if self._child:
            self._child.kill()
        if self._java:
            self._java.discard_recording()
        self._release()

    def _release(self) -> None:
        self._child = None
        self._held.close()

    @property
    def _log_folder(self) -> Path:
        return self._data_dir / "log"

    @property
    def _output_path(self) -> Path:
        return self._data_dir / "java.out"


def _remove_if(folder: Path, *, remove: bool) -> None:
    if remove:
        shutil.rmtree(folder, ignore_errors=True)
