import subprocess
import sys
from pathlib import Path

import pytest

from stream_app.local.errors import FolderInUseError, NoDiskSpaceError
from stream_app.local.folder import exclusive, require_disk_space, require_free_of_kafka

HOLD_AS_JAVA_DOES = """
import fcntl, sys
file = open(sys.argv[1], "r+b")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_folder_has_one_owner_at_a_time_even_in_one_program(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    refused = pytest.raises(FolderInUseError, match=f"{tmp_path} is in use by another broker")
    with exclusive(lock, 0), refused, exclusive(lock, 0):
        pass
    with exclusive(lock, 0):
        assert lock.exists()


def test_a_folder_that_a_running_kafka_has_locked_is_refused_before_java_starts(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    lock.touch()
    command = [sys.executable, "-c", HOLD_AS_JAVA_DOES, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(FolderInUseError):
            require_free_of_kafka(tmp_path, patience_seconds=0)
        holder.communicate()
    require_free_of_kafka(tmp_path, patience_seconds=0)


def test_a_folder_without_kafkas_lock_is_free(tmp_path: Path) -> None:
    require_free_of_kafka(tmp_path, patience_seconds=0)


def test_a_full_disk_is_said_before_java_starts(tmp_path: Path) -> None:
    with pytest.raises(NoDiskSpaceError, match="make room or name another folder"):
        require_disk_space(tmp_path, 1 << 62)
    require_disk_space(tmp_path, 1)
