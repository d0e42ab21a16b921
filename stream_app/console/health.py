"""What other machines ask of the desk: is it alive, is it ready, how does it do. None of it names a customer."""

import time
from collections.abc import Callable
from typing import Any

import orjson
from fastapi import APIRouter
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from stream_app.console.desk import Desk
from stream_app.console.metrics import Metrics
from stream_app.console.readmodel.follow import Follower
from stream_app.console.store.database import reading

SILENT_SECONDS = 30.0  # a broker that says nothing for so long is away


def health_router(desk: Desk, follower: Follower, metrics: Metrics) -> APIRouter:
    """Make the routes; they need no login, as the worker's need none, and stand where the desk's pages do."""
    router = APIRouter(include_in_schema=False)

    def healthz() -> Response:
        return Response("ok\n", media_type="text/plain")

    def readyz() -> Response:
        state = readiness(desk, follower)
        return Response(orjson.dumps(state), 200 if state["ready"] else 503, media_type="application/json")

    def exported() -> Response:
        metrics.look(desk, follower)
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    routes: dict[str, Callable[[], Response]] = {"/healthz": healthz, "/readyz": readyz, "/metrics": exported}
    for path, answer in routes.items():
        router.add_api_route(path, answer, methods=["GET"])
    return router


def readiness(desk: Desk, follower: Follower) -> dict[str, Any]:
    """Say whether pages and topics are within reach, and how far behind the read model is."""
    problems = []
    try:
        with reading(desk.engine) as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        problems.append("the database does not answer")
    silent_seconds = time.monotonic() - follower.answered_at
    if silent_seconds > SILENT_SECONDS:
        problems.append(f"no broker has answered for {silent_seconds:.0f} s")
    return {"ready": not problems, "behind_records": follower.records_behind(), "problems": problems}
