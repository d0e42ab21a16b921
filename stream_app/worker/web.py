"""The worker's HTTP: metrics, health, readiness, and a subscriber from the worker that owns it."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import orjson
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from stream_app.wire.views import view_object
from stream_app.worker.secured import NO_CERTIFICATE, may_see_subscribers

if TYPE_CHECKING:
    from stream_app.worker.app import TierApp

Page = Callable[..., Awaitable[Any]]
JSON = "application/json"
NO_SUCH_SUBSCRIBER = (
    "no such subscriber: no event of it was accepted so far, "
    "or its records are keyed by another partitioner than Kafka's default"
)


def add_pages(app: "TierApp") -> None:
    """Add the pages to a worker."""

    @app.page("/metrics", name="metrics")
    async def metrics(view: Any, _request: Any) -> Any:
        return view.bytes(generate_latest(app.metrics.registry), content_type=CONTENT_TYPE_LATEST.partition(";")[0])

    @app.page("/healthz", name="healthz")
    async def healthz(view: Any, _request: Any) -> Any:
        return _answer(view, 200, {"status": "ok"})

    @app.page("/readyz", name="readyz")
    async def readyz(view: Any, _request: Any) -> Any:
        table = app.table_of_subscribers
        ready = table.is_open
        return _answer(
            view,
            200 if ready else 503,
            {"ready": ready, "partitions": sorted(table.logics), "recovering": sorted(app.metrics.recovering)},
        )

    @app.page("/subscribers/{subscriber_id}", name="subscriber")
    @_for_the_trusted(app)
    @app.table_route(table=app.table_of_subscribers, match_info="subscriber_id")
    async def subscriber(view: Any, _request: Any, subscriber_id: str) -> Any:
        return _subscriber(app, view, subscriber_id)


def _for_the_trusted(app: "TierApp") -> Callable[[Page], Page]:
    """Refuse who shows no certificate, where one is wanted, before the request goes on to another worker."""

    def guarded(page: Page) -> Page:
        @wraps(page)
        async def answer(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            if not may_see_subscribers(app.tls, request):
                return _answer(view, 403, {"error": NO_CERTIFICATE})
            return await page(view, request, *args, **kwargs)

        return answer

    return guarded


def _subscriber(app: "TierApp", view: Any, subscriber_id: str) -> Any:
    partition = app.producer.key_partition(
        app.table_of_subscribers.changelog_topic_name, subscriber_id.encode()
    ).partition
    work = app.work_of(partition)
    if work is None:
        return _answer(view, 503, {"error": f"partition {partition} is not ready here: try again in a moment"})
    found = work.look_up(subscriber_id)
    if found is None:
        return _answer(view, 404, {"error": NO_SUCH_SUBSCRIBER})
    return _answer(view, 200, {**view_object(found), "partition": partition})


def _answer(view: Any, status: int, content: object) -> Any:
    return view.bytes(orjson.dumps(content), content_type=JSON, status=status)
