"""Kafka's jars in the cache folder, fetched once; a jar is kept only when its bytes are the locked ones."""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stream_app.local.errors import DownloadError, WrongBytesError
from stream_app.local.folder import exclusive, require_disk_space
from stream_app.local.lockfile import KAFKA_VERSION, LockedJar, read_lock, sha256_of
from stream_app.local.maven import MIRROR_VARIABLE, fetch_from_maven

Fetch = Callable[[LockedJar, Path], Path]

FETCH_THREADS = 8
FETCH_TRIES = 3
FIRST_PAUSE_SECONDS = 0.25
OTHER_FETCHER_SECONDS = 600
ROOM_BYTES = 200 << 20  # the jars, as much again while they arrive, and the class-data archives


def cache_folder() -> Path:
    """Name the folder that keeps what is fetched or derived once per machine."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root.resolve() / "stream-app" / f"kafka-{KAFKA_VERSION}"


def kafka_jars(
    cache: Path, fetch: Fetch = fetch_from_maven, jars: Sequence[LockedJar] = read_lock().jars
) -> list[Path]:
    """Return the paths of all locked jars, in the lock file's order, fetching those missing or damaged.

    Raises DownloadError, WrongBytesError, NoDiskSpaceError.
    """
    libs = cache / "libs"
    if _missing(jars, libs):
        libs.mkdir(parents=True, exist_ok=True)
        require_disk_space(cache, ROOM_BYTES)
        with exclusive(cache / "fetch.lock", OTHER_FETCHER_SECONDS):
            _fetch_all(_missing(jars, libs), libs, fetch)  # asked again: the other fetcher may have brought them
    return [libs / jar.file_name for jar in jars]


def fetch_jar(jar: LockedJar, libs: Path, fetch: Fetch) -> int:
    """Fetch one jar, check its bytes, put it in place in one step and return its size in bytes.

    Raises WrongBytesError when the bytes are not the locked ones, DownloadError when it cannot be had.
    """
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=libs.parent) as staging:
        candidate = _fetch_with_retry(jar, Path(staging), fetch)
        if not jar.matches(candidate):
            message = (
                f"{jar.coordinates}: the bytes that arrived (sha256 {sha256_of(candidate)}) are not the locked ones "
                f"(sha256 {jar.sha256}); refused. Look at what stands between: a proxy, or {MIRROR_VARIABLE}"
            )
            raise WrongBytesError(message)
        candidate.replace(libs / jar.file_name)
    return jar.size_bytes


def _missing(jars: Sequence[LockedJar], libs: Path) -> list[LockedJar]:
    # All 44 MB are hashed at every start: some 50 ms, and a damaged cache heals itself.
    with ThreadPoolExecutor(FETCH_THREADS) as threads:
        intact = threads.map(lambda jar: jar.matches(libs / jar.file_name), jars)
        return [jar for jar, is_intact in zip(jars, intact, strict=True) if not is_intact]


def _fetch_all(jars: Sequence[LockedJar], libs: Path, fetch: Fetch) -> None:
    if not jars:
        return
    from stream_app.local.progress import download_bar  # noqa: PLC0415 - rich takes 0.2 s, and a download is rare

    total_bytes = sum(jar.size_bytes for jar in jars)
    with (
        download_bar(f"Fetching Apache Kafka {KAFKA_VERSION}", total_bytes) as advance,
        ThreadPoolExecutor(FETCH_THREADS) as threads,
    ):
        largest_first = sorted(jars, key=lambda jar: -jar.size_bytes)
        for arrived_bytes in threads.map(lambda jar: fetch_jar(jar, libs, fetch), largest_first):
            advance(arrived_bytes)


def _fetch_with_retry(jar: LockedJar, staging: Path, fetch: Fetch) -> Path:
    for attempt in range(FETCH_TRIES):
        folder = staging / str(attempt)  # a fresh one: jgo takes a half-written file of a failed try for the whole
        try:
            path = fetch(jar, folder)
        except (OSError, RuntimeError) as error:
            if attempt == FETCH_TRIES - 1:
                message = f"cannot fetch {jar.coordinates}: {error}. No network? {MIRROR_VARIABLE} names a mirror"
                raise DownloadError(message) from error
            time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        else:
            return path
    raise AssertionError  # the last try returns or raises
