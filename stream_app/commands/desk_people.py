"""`stream-app desk user` and `desk token`: who can log in, and who can ask the API."""

import sys
from datetime import datetime

import click

from stream_app.commands.common import WrongUse
from stream_app.commands.desk_common import desk_at_rest, told
from stream_app.console.access import users
from stream_app.console.access.addresses import Addresses, addresses, set_addresses
from stream_app.console.access.users import LANGUAGES, NewUser
from stream_app.console.access.viewer import ROLES
from stream_app.console.api import tokens

ON = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def user() -> None:
    """Let people in, list them, change their passwords and addresses, note their absence."""


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="As pages show it.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What they see and may do.")
@click.option("--branch", help="Branch whose customers they see; without one all.")
@click.option("--tier", "tiers", multiple=True, help="Tier they can serve, again for another; without any all.")
@click.option("--capacity", type=click.IntRange(1), help="Calls a day; without one the policy's.")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="zh", show_default=True, help="Of pages and messages."
)
@told
def add(
    login: str,
    name: str,
    role: str,
    branch: str | None,
    tiers: tuple[str, ...],
    capacity: int | None,
    language: str,
) -> None:
    """Let somebody in; the password is asked for, or read from standard input.

    \b
    Example:
      stream-app desk user add wang.li --name 王丽 --role manager --branch chengdu-1 --tier C1 --tier C2
    """
    with desk_at_rest() as desk:
        new = NewUser(login, name, role, branch, tiers, capacity, language)
        user_id = users.add_user(desk, new, _password())
    click.echo(f"added {login} ({role}) as {user_id}")


@user.command("list")
@told
def list_users() -> None:
    """List everybody who can log in, with role, branch, absence, and by which channels they have an address.

    \b
    Example:
      stream-app desk user list
    """
    with desk_at_rest() as desk:
        for row in users.all_users(desk):
            away = f"  absent {row.absent_from} to {row.absent_until or '?'}" if row.absent_from else ""
            inactive = "" if row.is_active else "  may not log in"
            known = f"{row.login:<24} {row.role:<11} {row.branch_id or '-':<16} {row.name}"
            click.echo(f"{known}{away}{inactive}{_has(row.channels)}")


@user.command()
@click.argument("login")
@told
def passwd(login: str) -> None:
    """Give somebody another password, asked for or read from standard input; who is logged in is logged out.

    Tokens for the API are revoked, too, and failed logins forgotten: who was locked out can log in at once.

    \b
    Example:
      stream-app desk user passwd wang.li
    """
    with desk_at_rest() as desk:
        users.set_password(desk, login, _password())
    click.echo(f"changed the password of {login}")


@user.command()
@click.argument("login")
@click.option("--from", "first", type=ON, help="First day away, YYYY-MM-DD.")
@click.option("--until", "back", type=ON, help="First day back; without one until further notice.")
@click.option("--clear", is_flag=True, help="Not absent, whatever was noted.")
@told
def absent(login: str, first: datetime | None, back: datetime | None, clear: bool) -> None:
    """Note somebody's absence: their cases go to others meanwhile.

    \b
    Example:
      stream-app desk user absent wang.li --from 2025-07-01 --until 2025-07-15
    """
    if clear == (first is not None):
        message = "say --from the first day away, or --clear"
        raise WrongUse(message)
    with desk_at_rest() as desk:
        users.set_absence(desk, login, first.date() if first else None, back.date() if back and first else None)
    click.echo(f"{login} is {'not absent' if clear else 'absent'}")


@user.command()
@click.argument("login")
@click.option("--off", is_flag=True, help="May not log in any more.")
@told
def active(login: str, off: bool) -> None:
    """Let somebody log in again, or with --off no longer; nothing of theirs is lost.

    \b
    Example:
      stream-app desk user active wang.li --off
    """
    with desk_at_rest() as desk:
        users.set_active(desk, login, is_active=not off)
    click.echo(f"{login} may {'not ' if off else ''}log in")


@user.command()
@click.argument("login")
@click.argument("pairs", nargs=-1, metavar="[CHANNEL=ADDRESS]...")
@told
def address(login: str, pairs: tuple[str, ...]) -> None:
    """Set where somebody is told of tasks, by a channel's kind or name; without pairs show it.

    Nothing behind the = takes an address away; `false` for one: not by this channel.

    \b
    Examples:
      stream-app desk user address wang.li mail=li@example.org wecom=zhangsan crm=false
      stream-app desk user address wang.li mail=
      stream-app desk user address wang.li
    """
    with desk_at_rest(has_channels=bool(pairs)) as desk:
        found = set_addresses(desk, login, pairs) if pairs else addresses(desk, login)
    for name, value in sorted(found.items()):
        click.echo(f"{name}={'false' if value is False else value}")
    if not found:
        click.echo(f"{login} has no address")


@click.group()
def token() -> None:
    """Make and revoke tokens for the API."""


@token.command()
@click.argument("login")
@click.option("--name", required=True, help="What it is for.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="It holds so long.")
@told
def make(login: str, name: str, days: int) -> None:
    """Make a token with somebody's rights, and print its secret, once: it is kept nowhere.

    \b
    Example:
      stream-app desk token make wang.li --name reports --days 30
    """
    with desk_at_rest() as desk:
        click.echo(tokens.make_token(desk, users.find_user(desk, login), name, days))


@token.command()
@click.argument("login")
@click.option("--name", required=True, help="As it was made.")
@told
def revoke(login: str, name: str) -> None:
    """Take somebody's token of a name away.

    \b
    Example:
      stream-app desk token revoke wang.li --name reports
    """
    with desk_at_rest() as desk:
        is_gone = tokens.revoke_token(desk, users.find_user(desk, login), name)
    if not is_gone:
        message = f"{login} has no token named {name!r}"
        raise WrongUse(message)
    click.echo(f"revoked {name}")


def _has(found: Addresses) -> str:
    told_by = sorted(name if value is not False else f"not {name}" for name, value in found.items())
    return f"  told by {', '.join(told_by)}" if told_by else ""


def _password() -> str:
    """Ask for a password on the terminal, or read the first line of standard input; it is never an argument."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
