"""Webhooks: CloudEvents 1.0 as structured JSON, signed as Standard Webhooks ask.

The id stays the same however often it is sent: a receiver that has seen it drops it.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import aiohttp

from stream_app.console.channels.declared import Channel
from stream_app.console.channels.keys import signature, webhook_keys
from stream_app.console.channels.outcome import Outcome, told
from stream_app.console.channels.posting import Request, post
from stream_app.console.channels.wording import Message
from stream_app.wire.facts import SOURCE

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


async def to_webhook(channel: Channel, message: Message, http: aiohttp.ClientSession, now: datetime) -> Outcome:
    """Tell a program."""
    body = json.dumps(event(message), ensure_ascii=False).encode()
    headers = {"Content-Type": CONTENT_TYPE, **signed(message.delivery_id, body, channel.key("secret"), now)}
    answer = await post(http, Request(channel.key("url"), body, headers, channel.declared.timeout_seconds), now)
    return answer if isinstance(answer, Outcome) else told(f"HTTP {answer.status}")


def event(message: Message) -> Mapping[str, Any]:
    """Write a message as a CloudEvent."""
    about = message.data.get("subscriber_id")
    return {
        "specversion": "1.0",
        "id": message.delivery_id,
        "source": f"{SOURCE}/desk",
        "type": f"desk.{message.template}",
        "time": message.made_at.isoformat().replace("+00:00", "Z"),
        **({"subject": about} if about else {}),
        "datacontenttype": "application/json",
        "data": {
            "user_id": message.user_id,
            "title": message.title,
            "text": message.text,
            "link": message.link,
            **message.data,
        },
    }


def signed(delivery_id: str, body: bytes, secret: str, now: datetime) -> Mapping[str, str]:
    """Give the three headers; with several secrets, a signature by each."""
    seconds = int(now.timestamp())
    content = f"{delivery_id}.{seconds}.".encode() + body
    signatures = " ".join(f"v1,{signature(key, content)}" for key in webhook_keys(secret))
    return {"webhook-id": delivery_id, "webhook-timestamp": str(seconds), "webhook-signature": signatures}
