"""Users' addresses by channel, as `stream-app desk user address` sets them; they are read as channels.telling does.

Rule: an address may name somebody outside the desk, so no list, no log and no error shows one.
"""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import select, update

from stream_app.console.access import audit, users
from stream_app.console.access.users import UserError
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import User

KINDS = ("mail", "wecom", "dingtalk", "webhook")
LONGEST = 254  # of a mail address
NOT_BY_THIS = "false"  # for an address: the user is not told by this channel
MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")

Addresses = Mapping[str, str | bool]


def addresses(desk: Desk, login: str) -> Addresses:
    """Give a user's addresses by channel; False: not by this one. Raises UserError."""
    user_id = users.find_user(desk, login)
    with reading(desk.engine) as connection:
        found: Addresses = connection.execute(select(User.channels).where(User.user_id == user_id)).scalar_one()
    return found


def set_addresses(desk: Desk, login: str, pairs: Sequence[str]) -> Addresses:
    """Set, or with nothing behind the = take away, what the pairs CHANNEL=ADDRESS name; give all there are then.

    A channel is a kind, or the name of one that the desk has. Raises UserError.
    """
    kinds = {kind: kind for kind in KINDS} | {channel.name: channel.declared.kind for channel in desk.channels}
    given = dict(_read(pair, kinds) for pair in pairs)
    if len(given) < len(pairs):
        message = "a channel is there twice: give each one address"
        raise UserError(message)
    user_id = users.find_user(desk, login)
    with writing(desk.engine) as connection:
        standing = connection.execute(select(User.channels).where(User.user_id == user_id)).scalar_one()
        kept = {name: address for name, address in {**standing, **given}.items() if address != ""}
        connection.execute(update(User).where(User.user_id == user_id).values(channels=kept))
        audit.note(connection, desk, None, "user_addresses", login=login, channels=" ".join(sorted(given)))
    return kept


def _read(pair: str, kinds: Mapping[str, str]) -> tuple[str, str | bool]:
    name, equals, address = pair.partition("=")
    refusals = {
        "write CHANNEL=ADDRESS, such as mail=li@example.org": not equals,
        f"there is no channel {name!r}: write {', '.join(sorted(kinds))}, or say in STREAM_APP_DESK_CHANNELS where "
        "its file is": name not in kinds,
        f"the address for {name} is longer than {LONGEST} characters": len(address) > LONGEST,
        f"the address for {name} has a space or a character that cannot be seen": not address.isprintable()
        or " " in address,
        f"the address for {name} is none of mail: write one such as li@example.org": kinds.get(name) == "mail"
        and address not in {"", NOT_BY_THIS}
        and not MAIL.fullmatch(address),
    }
    for message, holds in refusals.items():
        if holds:
            raise UserError(message)
    return name, False if address == NOT_BY_THIS else address
