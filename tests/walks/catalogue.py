"""All walks, by name."""

from collections.abc import Mapping
from typing import Final

from tests.walks import systems, workers
from tests.walks.stack import StackWithPostgres
from tests.walks.walking import Walk

_ALL = (
    Walk("crash-loop", "A worker keeps restarting", workers.crash_loop),
    Walk("poison-flood", "The worker stops with a flood of dead letters", workers.flood),
    Walk("month-not-closing", "A month does not close", workers.month),
    Walk("offsets-ahead", "The offsets are ahead of the state", workers.offsets_ahead),
    Walk("rebuild-state", "The changelog is gone", workers.changelog_gone),
    Walk("rolling-upgrade", "Upgrade", systems.upgrade),
    Walk("bigger-cluster", "Move to a bigger cluster", systems.bigger_cluster),
    Walk("restore-desk", "Restore the desk's database", systems.restore_sqlite),
    Walk("restore-desk-postgresql", "On PostgreSQL", systems.restore_postgres, StackWithPostgres),
    Walk("replay-quietly", "Replay without notifying", systems.replay),
    Walk("skip-a-record", "A record that stops the worker", workers.record),
    Walk("tier-table", "Change a tier table", systems.tier_table),
)
WALKS: Final[Mapping[str, Walk]] = {walk.name: walk for walk in _ALL}
