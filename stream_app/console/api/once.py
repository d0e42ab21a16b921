"""Doing a request once, by its Idempotency-Key: what it does, and that it was done, are written in one transaction."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from fastapi import Depends
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from stream_app.console.access.guard import wall_now
from stream_app.console.access.viewer import Viewer
from stream_app.console.api.caller import Caller
from stream_app.console.api.fields import IdempotencyKey
from stream_app.console.api.problems import ProblemError
from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import ApiRequest
from stream_app.console.store.database import writing

KEPT = timedelta(days=7)  # then the key may be used for something else
ANOTHER = "this Idempotency-Key was used for another request: make a new one"


class Asker(NamedTuple):
    """Who asks, under which key, and when by the machine's clock: keys are kept by it."""

    viewer: Viewer
    key: str
    at: datetime


class Asked(NamedTuple):
    """A request: who asks, and for what."""

    by: Asker
    what: Mapping[str, Any]


def asker(viewer: Caller, idempotency_key: IdempotencyKey, at: Annotated[datetime, Depends(wall_now)]) -> Asker:
    """Give who asks; a dependency."""
    return Asker(viewer, idempotency_key, at)


AskerHere = Annotated[Asker, Depends(asker)]


def once(desk: Desk, asked: Asked, do: Callable[[Connection], Mapping[str, Any]]) -> tuple[Mapping[str, Any], bool]:
    """Do it, or give the answer of when it was done; says whether it was. Raises ProblemError for another's key.

    What `do` raises is not kept: the request may be sent again under the same key.
    """
    wanted = _hash(asked.what)
    with writing(desk.engine) as connection:
        # Taken before it is done: of two at once the second waits here for the first on PostgreSQL, and SQLite lets
        # one in at a time.
        row = {"user_id": asked.by.viewer.user_id, "key": asked.by.key, "request_hash": wanted, "at": asked.by.at}
        connection.execute(delete(ApiRequest).where(ApiRequest.at < asked.by.at - KEPT))
        if not _take(connection, row):
            return _answered(connection, asked, wanted), True
        answer = do(connection)
        kept = update(ApiRequest).where(*_its(asked)).values(status=200, answer=dict(answer))
        connection.execute(kept)
    return answer, False


def _take(connection: Connection, row: Mapping[str, Any]) -> bool:
    build = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    taken = build(ApiRequest).values(dict(row)).on_conflict_do_nothing(index_elements=["user_id", "key"])
    return connection.execute(taken.returning(ApiRequest.key)).first() is not None


def _answered(connection: Connection, asked: Asked, wanted: str) -> Mapping[str, Any]:
    found = connection.execute(select(ApiRequest.request_hash, ApiRequest.answer).where(*_its(asked))).one()
    if found.request_hash != wanted:
        raise ProblemError(422, ANOTHER)
    answer: Mapping[str, Any] = found.answer
    return answer


def _its(asked: Asked) -> tuple[Any, Any]:
    return ApiRequest.user_id == asked.by.viewer.user_id, ApiRequest.key == asked.by.key


def _hash(what: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
