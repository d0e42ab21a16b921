"""Mail by SMTP, encrypted where the server offers it; a password never goes out unencrypted."""

import html
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from typing import Final

import aiosmtplib

from stream_app.console.channels.declared import Channel, MailModel
from stream_app.console.channels.outcome import Outcome, told, without
from stream_app.console.channels.posting import SHUT_SECONDS
from stream_app.console.channels.wording import Message
from stream_app.console.channels.words import word

PERMANENT: Final = 500
# Refusals of the sender, of the login or of the connection: of set-up, not of this message.
OF_SET_UP: Final = frozenset({500, 502, 503, 504, 521, 530, 534, 535, 538})


async def to_mail(channel: Channel, message: Message, now: datetime) -> Outcome:
    """Tell by mail."""
    declared = channel.declared
    if not isinstance(declared, MailModel):
        message_text = f"channel {channel.name} is no mail"
        raise TypeError(message_text)
    try:
        answers, said = await _send(channel, declared, letter(declared, message, now))
    except aiosmtplib.SMTPRecipientsRefused as error:
        return _refused(channel, error.recipients[0].code, error.recipients[0].message)
    except aiosmtplib.SMTPResponseException as error:
        return _refused(channel, error.code, error.message)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        return Outcome(f"no mail server that can be used: {type(error).__name__}", shut_seconds=SHUT_SECONDS)
    return _refused(channel, *next(iter(answers.values()))) if answers else told(_short(channel, said))


async def _send(
    channel: Channel, declared: MailModel, content: EmailMessage
) -> tuple[dict[str, aiosmtplib.SMTPResponse], str]:
    has_login = declared.user is not None
    if_offered = declared.tls == "if_offered" and not has_login
    return await aiosmtplib.send(
        content,
        hostname=declared.host,
        port=declared.port,
        username=declared.user,
        password=channel.key("password") if has_login else None,
        use_tls=declared.tls == "implicit",
        start_tls=False if declared.tls == "implicit" else (None if if_offered else True),
        tls_context=_vouching(declared.ca_file),
        timeout=declared.timeout_seconds,
    )


@cache
def _vouching(ca_file: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def letter(declared: MailModel, message: Message, now: datetime) -> EmailMessage:
    """Write a message as mail: plain text, and the same for readers that show HTML."""
    content = EmailMessage()
    content["From"], content["To"], content["Subject"] = declared.sender, message.address, message.title
    content["Date"] = format_datetime(now)
    content["Message-ID"] = f"<{message.delivery_id}@{declared.sender.rpartition('@')[2]}>"  # the same when sent again
    content["Auto-Submitted"] = "auto-generated"  # no out-of-office replies (RFC 3834)
    content.set_content(f"{message.text}\n\n{message.link}\n")
    lines = html.escape(message.text).replace("\n", "<br>")
    link = f'<a href="{html.escape(message.link)}">{html.escape(word("open", message.language))}</a>'
    content.add_alternative(f"<p>{lines}</p><p>{link}</p>", subtype="html")
    return content


def _refused(channel: Channel, code: int, said: str) -> Outcome:
    shut_seconds = SHUT_SECONDS if code in OF_SET_UP or code == 421 else 0.0  # noqa: PLR2004 - the server closes
    is_final = code >= PERMANENT and code not in OF_SET_UP
    return Outcome(f"SMTP {code}: {_short(channel, said)}", is_final=is_final, shut_seconds=shut_seconds)


def _short(channel: Channel, said: str) -> str:
    return without(said, tuple(key.get_secret_value() for key in channel.keys.values()))
