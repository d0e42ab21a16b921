"""One desk at a time on a database, of either kind, however the one before ended."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from stream_app.console.store import sole as locks
from stream_app.console.store.database import DatabaseError, open_engine, writing
from stream_app.console.store.sole import SUFFIX, DeskAtWork, LockLost, sole
from stream_app.console.store.work_tables import User

LONGEST_SECONDS = 20.0
ANOTHER = """
import sys, time
from stream_app.console.store.database import open_engine
from stream_app.console.store.sole import sole
with sole(open_engine(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def second(database_url: str) -> Iterator[Engine]:
    """Give another desk's engine on the same database."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def file_of(engine: Engine) -> Path:
    assert engine.url.database is not None
    return Path(engine.url.database)


def take_when_free(engine: Engine) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            with sole(engine) as look:
                look()
                return
        except DeskAtWork:
            assert time.monotonic() < until, "the lock is never free"
            time.sleep(0.02)


def test_a_second_desk_is_refused_in_one_line_until_the_first_ends(engine: Engine, second: Engine) -> None:
    with sole(engine) as look:
        for _ in range(2):
            with pytest.raises(DeskAtWork, match=r"^another desk works on this database: ") as refusal, sole(second):
                pass
            assert str(second.url.database) in str(refusal.value)
            assert len(str(refusal.value).splitlines()) == 1
        look()
    with sole(second) as look:
        look()


def test_a_desk_that_was_killed_keeps_nobody_out(engine: Engine, database_url: str) -> None:
    command = [sys.executable, "-c", ANOTHER, database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as another:
        try:
            assert another.stdout is not None
            assert another.stdout.readline() == "held\n"
            with pytest.raises(DeskAtWork), sole(engine):
                pass
        finally:
            another.send_signal(signal.SIGKILL)
        take_when_free(engine)


def test_others_read_and_write_beside_a_desk(engine: Engine, second: Engine) -> None:
    with sole(engine) as look, writing(second) as connection:
        assert connection.execute(select(User.user_id)).all() == []
        look()


def test_what_is_refused_has_no_password_in_it(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return
    url = engine.url.set(username="postgres", password="s3cret-word")  # noqa: S106 - the server asks for none
    known = open_engine(url.render_as_string(hide_password=False))
    with sole(engine), pytest.raises(DeskAtWork) as refusal, sole(known):
        pass
    known.dispose()
    assert "s3cret-word" not in str(refusal.value)


def test_a_lock_that_is_lost_is_told_by_the_next_look(engine: Engine, second: Engine) -> None:
    if engine.dialect.name == "sqlite":
        with sole(engine) as look:
            Path(f"{file_of(engine)}{SUFFIX}").unlink()
            with pytest.raises(LockLost, match="was taken away"):
                look()
        return
    with sole(engine) as look:
        with second.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "JOIN pg_database ON pg_database.oid = pg_locks.database "
                "WHERE locktype = 'advisory' AND datname = current_database()"
            )
        with pytest.raises(DBAPIError):
            look()


def test_a_file_by_another_name_is_the_same_database(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "desk.db")
    one, two = open_engine(f"sqlite:///{tmp_path / 'desk.db'}"), open_engine(f"sqlite:///{tmp_path / 'link.db'}")
    with sole(one), pytest.raises(DeskAtWork), sole(two):
        pass
    one.dispose()
    two.dispose()


def test_a_database_in_memory_is_nobody_elses() -> None:
    one, two = open_engine("sqlite://"), open_engine("sqlite://")
    with sole(one) as look, sole(two):
        look()
    one.dispose()
    two.dispose()


def test_a_lock_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'desk.db'}")
    (tmp_path / f"desk.db{SUFFIX}").mkdir()
    with pytest.raises(DatabaseError, match=r"lock .* cannot be opened: "), sole(engine):
        pass
    engine.dispose()


def test_a_system_without_such_locks_says_that_nothing_keeps_others_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(locks, "FCNTL", None)
    engine = open_engine(f"sqlite:///{tmp_path / 'desk.db'}")
    with sole(engine) as look, sole(engine):
        look()
    engine.dispose()
    assert "nothing keeps a second desk from" in caplog.text
