"""The jars that make up Apache Kafka, as the committed lock file names them; nothing else is ever run."""

import hashlib
from importlib import resources
from pathlib import Path

import msgspec

KAFKA_VERSION = "4.1.1"
LOCK_NAME = f"kafka-{KAFKA_VERSION}.lock.json"


class LockedJar(msgspec.Struct, frozen=True):
    """One jar: Maven coordinates `group:name:version`, its size and its SHA-256."""

    coordinates: str
    size_bytes: int
    sha256: str

    @property
    def group(self) -> str:
        """Name the Maven group."""
        return self.coordinates.split(":")[0]

    @property
    def name(self) -> str:
        """Name the Maven artifact."""
        return self.coordinates.split(":")[1]

    @property
    def version(self) -> str:
        """Name the pinned version."""
        return self.coordinates.split(":")[2]

    @property
    def file_name(self) -> str:
        """Name the jar's file."""
        return f"{self.name}-{self.version}.jar"

    def matches(self, path: Path) -> bool:
        """Tell whether the file holds exactly the locked bytes."""
        return path.is_file() and path.stat().st_size == self.size_bytes and sha256_of(path) == self.sha256


class Lock(msgspec.Struct, frozen=True):
    """The whole lock file."""

    kafka_version: str
    jars: tuple[LockedJar, ...]


def read_lock() -> Lock:
    """Read the committed lock file."""
    return msgspec.json.decode(resources.files(__package__).joinpath(LOCK_NAME).read_bytes(), type=Lock)


def sha256_of(path: Path) -> str:
    """Compute a file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
