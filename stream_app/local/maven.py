"""Fetching one jar from a Maven repository through jgo, which knows where they are; no host stands in our files.

jgo's own checksum test only warns and it writes in place, so a fetched file is nothing but a candidate: `jars` checks
it against the lock file before it is kept.
"""

import os
from pathlib import Path

from stream_app.local.errors import NotInstalledError
from stream_app.local.lockfile import LockedJar

MIRROR_VARIABLE = "STREAM_APP_MAVEN_MIRROR"
REQUEST_TIMEOUT_SECONDS = 30


def fetch_from_maven(jar: LockedJar, folder: Path) -> Path:
    """Download a jar into an empty folder and return where it lies; `STREAM_APP_MAVEN_MIRROR` names a mirror.

    Raises NotInstalledError without jgo, OSError or RuntimeError (jgo's) when the jar cannot be had.
    """
    try:
        from jgo.maven import MavenContext  # noqa: PLC0415 - an optional extra, and 0.8 s to import
    except ImportError as error:
        message = "a private Kafka needs the extra `local`: pip install 'stream-app[local]'"
        raise NotInstalledError(message) from error
    mirror = os.environ.get(MIRROR_VARIABLE)
    context = MavenContext(
        repo_cache=folder,
        local_repos=[],
        remote_repos={"mirror": mirror.rstrip("/")} if mirror else None,
        timeout=REQUEST_TIMEOUT_SECONDS,
    )
    return context.project(jar.group, jar.name).at_version(jar.version).artifact().resolve()
