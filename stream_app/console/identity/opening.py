"""Which identity source a desk has, by its settings."""

from stream_app.console.identity.csv_source import CsvIdentities
from stream_app.console.identity.source import IdentityError, IdentitySource
from stream_app.console.identity.sql_source import SqlIdentities
from stream_app.console.settings import DeskSettings


def open_source(settings: DeskSettings) -> IdentitySource | None:
    """Open the source that the settings name; None where they name none. Raises IdentityError."""
    if settings.identity_csv is not None and settings.identity_sql_url:
        message = "identities come from one source: set STREAM_APP_DESK_IDENTITY_CSV or _IDENTITY_SQL_URL, not both"
        raise IdentityError(message)
    if settings.identity_csv is not None:
        return CsvIdentities(settings.identity_csv)
    return SqlIdentities(settings.identity_sql_url) if settings.identity_sql_url else None
