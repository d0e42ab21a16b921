"""`stream-app desk ...` as people type it, on both databases: what it does, and what it refuses in one line."""

from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert

from stream_app.cli import main
from stream_app.console.access.passwords import verify_password
from stream_app.console.store.access_tables import ApiToken, Session
from stream_app.console.store.database import open_engine, writing
from stream_app.console.store.work_tables import User
from tests.console.moments import START, SetClock
from tests.console.readmodel.reading import rows_of

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


class Shell:
    """Runs commands on one database."""

    def __init__(self, url: str) -> None:
        self._environment = {"STREAM_APP_DESK_DATABASE_URL": url}
        self.engine = open_engine(url)

    def __call__(self, *words: str, typed: str = "") -> Result:
        """Run `stream-app desk` with words; what is typed comes on standard input."""
        return CliRunner().invoke(main, ["desk", *words], input=typed, env=self._environment)

    def done(self, *words: str, typed: str = "") -> str:
        """Run what must end well; give what it said."""
        result = self(*words, typed=typed)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *words: str, typed: str = "") -> str:
        """Run what must be refused, in one line, as wrong use; give that line."""
        result = self(*words, typed=typed)
        assert result.exit_code == 2, result.output
        [line] = result.stderr.strip().splitlines()
        return line

    def user(self) -> dict[str, Any]:
        """Give the one user there is."""
        [row] = rows_of(self.engine, User)
        return row


@pytest.fixture
def fresh(empty_url: str) -> Any:
    shell = Shell(empty_url)
    yield shell
    shell.engine.dispose()


@pytest.fixture
def shell(fresh: Shell) -> Shell:
    fresh.done("migrate")
    return fresh


def add(shell: Shell, *words: str) -> str:
    given = "wang.li", "--name", "王丽", "--role", "manager"
    return shell.done("user", "add", *given, *words, typed=f"{PASSWORD}\n")


def test_tables_are_made_once_and_told_where(fresh: Shell) -> None:
    assert "has no tables yet: run `stream-app desk migrate`" in fresh.refused("user", "list")
    assert "up to date" in fresh.done("migrate")
    assert "up to date" in fresh.done("migrate")
    assert fresh.done("user", "list") == ""


def test_a_user_is_let_in_with_a_password_that_is_kept_as_a_hash(shell: Shell) -> None:
    said = add(shell, "--branch", "north", "--tier", "C1", "--tier", "C2", "--capacity", "12", "--language", "en")
    row = shell.user()
    assert said == f"added wang.li (manager) as {row['user_id']}\n"
    assert (row["name"], row["role"], row["branch_id"], row["tiers"]) == ("王丽", "manager", "north", ["C1", "C2"])
    assert (row["capacity_a_day"], row["language"], row["is_active"]) == (12, "en", True)
    assert verify_password(row["password_hash"], PASSWORD)
    assert PASSWORD not in said + str(row)
    listed = shell.done("user", "list")
    assert "wang.li" in listed
    assert "argon2" not in listed


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("wang.li", "--name", "x", "--role", "manager"), PASSWORD, "login 'wang.li' is taken"),
        (("li", "--name", "x", "--role", "manager"), "short", "10 characters or more"),
        (("li", "--name", "x", "--role", "manager"), "", "10 characters or more"),
        (("a b", "--name", "x", "--role", "manager"), PASSWORD, "write 1 to 100 letters"),
        (("li", "--name", "", "--role", "manager"), PASSWORD, "a name has 1 to 256 characters"),
        (("li", "--name", "x", "--role", "manager", "--tier", "C9"), PASSWORD, "tiers C9 are not in the policy"),
    ],
)
def test_who_cannot_be_let_in_is_told_why(shell: Shell, words: tuple[str, ...], typed: str, said: str) -> None:
    add(shell)
    assert said in shell.refused("user", "add", *words, typed=f"{typed}\n")
    assert shell.user()["login"] == "wang.li"


def test_another_password_ends_the_sessions_of_who_is_logged_in(shell: Shell) -> None:
    add(shell)
    user_id, clock = shell.user()["user_id"], SetClock()
    with writing(shell.engine) as connection:
        session = {
            "secret_hash": "x",
            "user_id": user_id,
            "csrf": "c",
            "began_at": START,
            "ends_at": clock.advance(days=1),
        }
        connection.execute(insert(Session), [session])
    shell.done("user", "passwd", "wang.li", typed="another long one\n")
    assert verify_password(shell.user()["password_hash"], "another long one")
    assert rows_of(shell.engine, Session) == []
    assert "nobody has the login 'nobody'" in shell.refused("user", "passwd", "nobody", typed=f"{PASSWORD}\n")


def test_absence_is_noted_and_taken_back(shell: Shell) -> None:
    add(shell)
    shell.done("user", "absent", "wang.li", "--from", "2025-07-01", "--until", "2025-07-15")
    assert "absent 2025-07-01 to 2025-07-15" in shell.done("user", "list")
    assert "is not after" in shell.refused("user", "absent", "wang.li", "--from", "2025-07-01", "--until", "2025-07-01")
    assert "--from" in shell.refused("user", "absent", "wang.li")
    shell.done("user", "absent", "wang.li", "--clear")
    assert (shell.user()["absent_from"], shell.user()["absent_until"]) == (None, None)


def test_who_may_not_log_in_any_more_may_do_so_again(shell: Shell) -> None:
    add(shell)
    shell.done("user", "active", "wang.li", "--off")
    assert not shell.user()["is_active"]
    shell.done("user", "active", "wang.li")
    assert shell.user()["is_active"]


def test_a_token_is_shown_once_kept_as_a_hash_and_taken_away(shell: Shell) -> None:
    add(shell)
    secret = shell.done("token", "make", "wang.li", "--name", "reports", "--days", "30").strip()
    [row] = rows_of(shell.engine, ApiToken)
    assert secret
    assert secret not in str(row)
    assert (row["ends_at"] - row["made_at"]).days == 30
    assert "reports" in shell.refused("token", "make", "wang.li", "--name", "reports")
    shell.done("token", "revoke", "wang.li", "--name", "reports")
    assert rows_of(shell.engine, ApiToken) == []
    assert "no token named 'reports'" in shell.refused("token", "revoke", "wang.li", "--name", "reports")


@pytest.mark.parametrize("command", ["serve", "status", "rebuild"])
def test_without_a_broker_it_is_said_in_one_line(shell: Shell, command: str) -> None:
    port = ("--web-port", "18099") if command == "serve" else ()
    result = shell(command, "--bootstrap", "127.0.0.1:1", *port)
    assert result.exit_code == 1
    assert "no Kafka broker answers at 127.0.0.1:1" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.output


def test_a_database_that_is_none_or_does_not_answer_is_told() -> None:
    run = CliRunner()
    said = run.invoke(main, ["desk", "migrate"], env={"STREAM_APP_DESK_DATABASE_URL": "desk.db"})
    assert (said.exit_code, "is no URL" in said.stderr) == (2, True)
    nowhere = "postgresql://desk@127.0.0.1:1/desk"
    said = run.invoke(main, ["desk", "migrate"], env={"STREAM_APP_DESK_DATABASE_URL": nowhere})
    assert (said.exit_code, "the desk's database refuses" in said.stderr) == (1, True)
    assert len(said.stderr.splitlines()) == 1
