"""Secrets of channels: read from where the channels' file says, checked, and used to sign.

Rule: a secret stands in no message; what is wrong with one is said by its name alone.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

WEBHOOK_PREFIX = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64  # of a webhook's secret, by Standard Webhooks


class KeysError(ValueError):
    """A secret that cannot be used; the message does not hold it."""


def read_secret(variable: str | None, file: str | None, environment: Mapping[str, str]) -> SecretStr:
    """Read a secret from a variable or from a file, without the white space around it. Raises KeysError."""
    if variable is not None:
        text = environment.get(variable, "")
        where = f"the environment variable {variable}"
    else:
        where = f"the file {file}"
        try:
            text = Path(file or "").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"{where} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"
            raise KeysError(message) from None
    if not text.strip():
        message = f"{where} is empty or not there: put the secret in it"
        raise KeysError(message)
    return SecretStr(text.strip())


def check_url(secret: SecretStr) -> None:
    """Refuse what is no URL to post to. Raises KeysError."""
    try:
        parts = urlsplit(secret.get_secret_value())
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not secret.get_secret_value().isprintable() or " " in secret.get_secret_value():
        message = "what it names is no URL: write https://host/path"
        raise KeysError(message)


def check_webhook_secret(secret: SecretStr) -> None:
    """Refuse what is no secret of Standard Webhooks. Raises KeysError."""
    webhook_keys(secret.get_secret_value())


def webhook_keys(text: str) -> list[bytes]:
    """Read one secret or, while one is being changed for another, several with spaces between. Raises KeysError."""
    return [_webhook_key(part) for part in text.split()]


def _webhook_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(WEBHOOK_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(WEBHOOK_PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        message = (
            f"what it names is no webhook secret: {WEBHOOK_PREFIX} and {LEAST_BYTES} to {MOST_BYTES} bytes in base64"
        )
        raise KeysError(message)
    return key


def signature(key: bytes, content: bytes) -> str:
    """Sign with HMAC-SHA256, in base64."""
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
