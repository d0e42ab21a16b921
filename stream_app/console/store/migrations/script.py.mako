"""${message}."""

import sqlalchemy as sa
from alembic import op

from stream_app.console.store.types import AnyJson, Instant, Serial

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Do it."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Undo it."""
    ${downgrades if downgrades else "pass"}
