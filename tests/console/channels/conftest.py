"""Channels are tried on SQLite, but what queries decide, on both."""

from tests.console.either import database_url

__all__ = ["database_url"]
