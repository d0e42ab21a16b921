import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from stream_app.local.errors import DownloadError, WrongBytesError
from stream_app.local.jars import cache_folder, fetch_jar, kafka_jars
from stream_app.local.lockfile import KAFKA_VERSION, LockedJar, read_lock

GOOD = b"the very bytes"
JAR = LockedJar("org.example:rules_2.13:1.0", len(GOOD), hashlib.sha256(GOOD).hexdigest())


class FakeMaven:
    """Serves bytes by coordinates into the folder it is given, after a number of network failures."""

    def __init__(self, content: Mapping[str, bytes], failures: int = 0) -> None:
        self._content = content
        self._failures = failures
        self.asked: list[str] = []

    def __call__(self, jar: LockedJar, folder: Path) -> Path:
        self.asked.append(jar.coordinates)
        if len(self.asked) <= self._failures:
            raise ConnectionResetError(104, "Connection reset by peer")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / jar.file_name
        path.write_bytes(self._content[jar.coordinates])
        return path


def libs_in(folder: Path) -> Path:
    libs = folder / "libs"
    libs.mkdir()
    return libs


def test_the_lock_names_46_jars_of_this_kafka_by_full_sha256() -> None:
    lock = read_lock()
    assert lock.kafka_version == KAFKA_VERSION
    assert len(lock.jars) == 46
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in lock.jars)
    assert all(re.fullmatch(r"[\w.-]+:[\w.-]+:[\w.-]+", jar.coordinates) for jar in lock.jars)
    assert f"kafka_2.13-{KAFKA_VERSION}.jar" in {jar.file_name for jar in lock.jars}


def test_the_lock_names_no_jar_twice() -> None:
    jars = read_lock().jars
    assert len({jar.file_name for jar in jars}) == len(jars)


def test_a_fetched_jar_with_the_locked_bytes_is_kept(tmp_path: Path) -> None:
    libs = libs_in(tmp_path)
    fetch_jar(JAR, libs, FakeMaven({JAR.coordinates: GOOD}))
    assert (libs / "rules_2.13-1.0.jar").read_bytes() == GOOD
    assert sorted(path.name for path in tmp_path.iterdir()) == ["libs"]  # nothing of the staging folder is left


@pytest.mark.parametrize("bad", [b"the evil bytes", b"the very byt", b""], ids=["other", "cut", "empty"])
def test_wrong_bytes_are_refused_by_name_and_not_kept(tmp_path: Path, bad: bytes) -> None:
    libs = libs_in(tmp_path)
    with pytest.raises(WrongBytesError, match=r"org\.example:rules_2\.13:1\.0") as refusal:
        fetch_jar(JAR, libs, FakeMaven({JAR.coordinates: bad}))
    assert JAR.sha256 in str(refusal.value)
    assert not list(libs.iterdir())


def test_a_passing_network_failure_is_tried_again(tmp_path: Path) -> None:
    libs = libs_in(tmp_path)
    maven = FakeMaven({JAR.coordinates: GOOD}, failures=1)
    fetch_jar(JAR, libs, maven)
    assert len(maven.asked) == 2
    assert JAR.matches(libs / JAR.file_name)


def test_a_jar_that_cannot_be_had_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"org\.example:rules_2\.13:1\.0.*STREAM_APP_MAVEN_MIRROR"):
        fetch_jar(JAR, libs_in(tmp_path), FakeMaven({}, failures=99))


def test_only_missing_and_damaged_jars_are_fetched(tmp_path: Path) -> None:
    names = ["org.example:kept:1", "org.example:damaged:1", "org.example:missing:1"]
    jars = tuple(LockedJar(name, len(GOOD), JAR.sha256) for name in names)
    libs = libs_in(tmp_path)
    (libs / "kept-1.jar").write_bytes(GOOD)
    (libs / "damaged-1.jar").write_bytes(GOOD.upper())
    maven = FakeMaven(dict.fromkeys(names, GOOD))
    paths = kafka_jars(tmp_path, maven, jars)
    assert sorted(maven.asked) == sorted(names[1:])
    assert [path.read_bytes() for path in paths] == [GOOD] * 3


def test_the_cache_follows_the_desktop_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "stream-app" / "kafka-4.1.1"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "stream-app" / "kafka-4.1.1"
