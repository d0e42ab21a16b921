"""Posting JSON to robots and webhooks: one request, no redirects, and what the status means.

Rule: the URL is a secret; no error of the client is passed on, as it may quote it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, NamedTuple

import aiohttp
from yarl import URL

from stream_app.console.channels.outcome import Outcome

LONGEST_ANSWER_BYTES = 65_536
SHUT_SECONDS: Final = 15.0  # nobody there: the next message would wait as long for nothing
# This very message will never be taken; any other refusal may be one of set-up, which people put right meanwhile.
FINAL = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.GONE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                   HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY})  # fmt: skip
BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Request(NamedTuple):
    """What is posted."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    timeout_seconds: float


class Answer(NamedTuple):
    """What a receiver answered with a status of success."""

    status: int
    body: bytes


async def post(http: aiohttp.ClientSession, request: Request, now: datetime) -> Answer | Outcome:
    """Post once; gives the answer of a receiver that took it, else what came of it."""
    try:
        return await _post(http, request, now)
    except TimeoutError:
        return Outcome(f"no answer within {request.timeout_seconds:g} s", shut_seconds=SHUT_SECONDS)
    except aiohttp.ClientConnectionError as error:
        return Outcome(f"no connection: {type(error).__name__}", shut_seconds=SHUT_SECONDS)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Outcome(f"no answer that can be read: {type(error).__name__}")


async def _post(http: aiohttp.ClientSession, request: Request, now: datetime) -> Answer | Outcome:
    timeout = aiohttp.ClientTimeout(total=request.timeout_seconds)
    # encoded: the URL goes out as it was given, a signature in it would not survive being quoted anew
    url = URL(request.url, encoded=True)
    async with http.post(
        url, data=request.body, headers=request.headers, timeout=timeout, allow_redirects=False
    ) as response:
        if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            return _refused(response.status, response.headers.get("Retry-After", ""), now)
        body = bytearray()
        async for part in response.content.iter_chunked(LONGEST_ANSWER_BYTES):
            body += part
            if len(body) > LONGEST_ANSWER_BYTES:
                break
        return Answer(response.status, bytes(body))


def _refused(status: int, retry_after: str, now: datetime) -> Outcome:
    asked_seconds = retry_after_seconds(retry_after, now)
    said = f"HTTP {status}" + (f", asks to wait {asked_seconds:.0f} s" if asked_seconds else "")
    shut_seconds = max(asked_seconds, SHUT_SECONDS) if status in BUSY else 0.0
    return Outcome(said, is_final=status in FINAL, wait_seconds=asked_seconds, shut_seconds=shut_seconds)


def retry_after_seconds(text: str, now: datetime) -> float:
    """Read a Retry-After, in seconds or as a date; 0 where there is none that can be read (RFC 9110, 10.2.3)."""
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0.0
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
