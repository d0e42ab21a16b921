"""A backup is one whole file, made under writers, put back where nothing stands, and never of or over anything else."""

import sqlite3
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, make_url, select

from stream_app.cli import main
from stream_app.console.store.backup import BackupError, back_up, check_backup, file_of, put_back
from stream_app.console.store.database import open_engine, reading, writing
from stream_app.console.store.migrate import migrate
from stream_app.console.store.sole import sole
from stream_app.console.store.work_tables import Book

WRITES = 300


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "desk.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


def write(file: Path, numbers: range, begun: threading.Event | None = None) -> None:
    """Write one row in each transaction."""
    engine = open_engine(f"sqlite:///{file}")
    for number in numbers:
        with writing(engine) as connection:
            connection.execute(insert(Book), {"subscriber_id": f"s{number:04}"})
        if begun is not None and number > WRITES // 10:
            begun.set()
    engine.dispose()


def read(file: Path) -> list[str]:
    engine = open_engine(f"sqlite:///{file}")
    with reading(engine) as connection:
        found = list(connection.scalars(select(Book.subscriber_id).order_by(Book.subscriber_id)))
    engine.dispose()
    return found


def test_a_backup_under_a_writer_holds_all_up_to_one_moment_in_one_file(database: Path, tmp_path: Path) -> None:
    begun, backup = threading.Event(), tmp_path / "backup"
    writer = threading.Thread(target=write, args=(database, range(WRITES), begun))
    writer.start()
    assert begun.wait(60)
    assert back_up(database, backup) == backup.stat().st_size
    writer.join()
    check_backup(backup)
    assert [file.name for file in tmp_path.glob("backup*")] == ["backup"]
    assert backup.stat().st_mode & 0o777 == 0o600
    found = read(backup)
    assert found == read(database)[: len(found)]
    assert len(found) > WRITES // 10


def test_what_is_put_back_is_what_stood_in_the_backup_and_can_be_written(database: Path, tmp_path: Path) -> None:
    backup, other = tmp_path / "backup", tmp_path / "other.db"
    open_engine(f"sqlite:///{other}").connect().close()  # a file without tables
    assert other.stat().st_size > 0
    write(database, range(5))
    back_up(database, backup)
    write(database, range(5, 9))
    put_back(backup, other)
    write(other, range(20, 21))
    assert read(other) == [f"s{number:04}" for number in (0, 1, 2, 3, 4, 20)]
    assert [file.name for file in tmp_path.glob("*.partial")] == []


def test_nothing_is_written_over(database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    back_up(database, backup)
    with pytest.raises(BackupError, match="is there already: a backup is not written over"):
        back_up(database, backup)
    with pytest.raises(BackupError, match=r"move it away first, with what lies beside it: desk\.db-wal"):
        put_back(backup, database)
    database.write_bytes(b"damaged" * 1000)
    with pytest.raises(BackupError, match="move it away first"):
        put_back(backup, database)


def test_a_file_cut_short_or_of_something_else_is_no_backup(database: Path, tmp_path: Path) -> None:
    write(database, range(200))
    cut, other = tmp_path / "cut", tmp_path / "other"
    back_up(database, cut)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    with pytest.raises(BackupError, match=r"is damaged|cannot be read"):
        check_backup(cut)
    other.write_text("no database")
    with pytest.raises(BackupError, match="cannot be read"):
        check_backup(other)
    with sqlite3.connect(tmp_path / "empty") as connection:
        connection.execute("CREATE TABLE cats (name)")
    connection.close()
    with pytest.raises(BackupError, match="is no backup of a desk"):
        check_backup(tmp_path / "empty")


def test_what_is_no_file_is_told_how_it_is_backed_up(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="pg_dump"):
        file_of(make_url("postgresql://desk@db/desk"))
    with pytest.raises(BackupError, match="in memory"):
        file_of(make_url("sqlite://"))
    with pytest.raises(BackupError, match="there is no database"):
        back_up(tmp_path / "none.db", tmp_path / "backup")


def desk(database: Path, *words: str) -> tuple[int, str]:
    """Run `stream-app desk` on a database; gives its exit code and the one line that it says."""
    environment = {"STREAM_APP_DESK_DATABASE_URL": f"sqlite:///{database}"}
    done = CliRunner().invoke(main, ["desk", *words], env=environment)
    [line] = done.output.strip().splitlines()
    return done.exit_code, line


def test_commands_say_in_one_line_what_they_made_or_why_they_refuse(database: Path, tmp_path: Path) -> None:
    backup, none = tmp_path / "backup", tmp_path / "none"
    assert desk(database, "backup", str(backup)) == (0, f"{backup}: {backup.stat().st_size:,} bytes, whole")
    code, said = desk(database, "backup", str(backup))
    assert (code, "is not written over" in said) == (2, True)
    code, said = desk(database, "restore", str(backup))
    assert (code, "move it away first" in said) == (2, True)
    none.write_text("no database")
    code, said = desk(tmp_path / "other.db", "restore", str(none))
    assert (code, "cannot be read" in said) == (2, True)
    assert not (tmp_path / "other.db").exists()


def test_no_database_is_brought_up_to_now_while_a_desk_works_on_it(database: Path) -> None:
    engine = open_engine(f"sqlite:///{database}")
    with sole(engine):
        code, said = desk(database, "catch-up")
    engine.dispose()
    assert (code, "stop that desk first" in said) == (1, True)
