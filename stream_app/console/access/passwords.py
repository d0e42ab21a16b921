"""Passwords as argon2 hashes; a login that does not exist costs the same time as one that does."""

import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_LENGTH = 10
GREATEST_LENGTH = 200  # what is hashed is bounded
TOO_SHORT = "A password has 10 characters or more."
TOO_LONG = "A password has 200 characters or fewer."

# OWASP's Password Storage Cheat Sheet, argon2id: 19 MiB, two passes; no more than a few at once, whoever knocks.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
AT_ONCE = BoundedSemaphore(4)


class WeakPasswordError(ValueError):
    """A password that will not do; the message says why."""


def hash_password(password: str) -> str:
    """Hash a password; raises WeakPasswordError where it is too short or too long."""
    if len(password) < LEAST_LENGTH:
        raise WeakPasswordError(TOO_SHORT)
    if len(password) > GREATEST_LENGTH:
        raise WeakPasswordError(TOO_LONG)
    return HASHER.hash(password)


def verify_password(known_hash: str | None, password: str) -> bool:
    """Say whether a password is the one hashed; with no hash to compare, work as long and say no."""
    if len(password) > GREATEST_LENGTH:
        return False
    try:
        with AT_ONCE:
            HASHER.verify(_hash_of_nobody() if known_hash is None else known_hash, password)
    except (VerificationError, InvalidHashError):
        return False
    return known_hash is not None


def is_outdated(known_hash: str) -> bool:
    """Say whether a hash was made with other parameters than today's: the next login makes it anew."""
    return HASHER.check_needs_rehash(known_hash)


@cache
def _hash_of_nobody() -> str:
    return HASHER.hash(secrets.token_urlsafe())
