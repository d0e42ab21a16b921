"""The API where it stands: under the pages' application, with its own errors and its own description."""

from typing import Any

import httpx

from stream_app.console.api.tokens import make_token
from stream_app.console.desk import Desk
from stream_app.console.settings import DeskSettings
from stream_app.console.store.database import writing
from stream_app.console.web.app import create_app
from stream_app.console.web.means import Means
from tests.console.moments import SetClock
from tests.console.web.seeding import seed


async def test_the_api_stands_beside_the_pages(desk: Desk, wall: SetClock) -> None:
    with writing(desk.engine) as connection:
        seed(connection, desk.now())
    settings: Any = {"cookies_secure": False}
    app = create_app(desk, DeskSettings(**settings), Means(wall=wall))
    headers = {"Authorization": f"Bearer {make_token(desk, 'u-li', 'crm', 7, wall)}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
        found = await client.get("/api/v1/cases", headers=headers)
        assert [case["case_id"] for case in found.json()["items"]] == ["case-li"]
        assert found.headers["cache-control"] == "no-store"
        unknown, missing = await client.get("/api/v1/cases"), await client.get("/api/v1/nowhere", headers=headers)
        assert [each.headers["content-type"] for each in (unknown, missing)] == ["application/problem+json"] * 2
        assert [each.status_code for each in (unknown, missing)] == [401, 404]
        described = (await client.get("/api/v1/openapi.json")).json()
        assert described["servers"] == [{"url": "/api/v1"}]
        assert "/cases/{case_id}/results" in described["paths"]
        table = await client.get("/api/v1/export/cases.csv", headers=headers)
        assert table.headers["content-disposition"] == 'attachment; filename="cases.csv"'
        assert table.headers["cache-control"] == "no-store"
