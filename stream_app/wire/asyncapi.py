"""The AsyncAPI 3.0 document: which topics there are, what is on them, who writes and who reads."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from stream_app.core.events import CLOCK_TOPIC, FEEDS
from stream_app.core.facts import FACT_TOPICS

VERSION = "0.1.0"  # of the contracts: a release folder of this name keeps their schemas
DEAD_LETTERS = "dead-letters"
DIALECT = "application/schema+json;version=draft-2020-12"
DESCRIPTIONS: Mapping[str, str] = {
    "usage-events": "Rated use of services, from the billing system.",
    "billing-events": "Fees, bills, adjustments, payments and balances, from the billing system.",
    "subscriber-events": "Who joins and leaves, contracts, measures, complaints and signs of leaving.",
    "task-results": "What came of the phone managers' contacts.",
    "clock": "Ticks, written by the service itself, one per partition and tick.",
    "tier-changes": "Every change of a customer's value tier, with what it rests on.",
    "churn-outcomes": "Who left and a sample of who stayed, with the indicators 30, 60 and 90 days before.",
    "churn-risk": "Changes of a customer's risk of leaving, with the reasons and what to offer.",
    "month-closes": "One row per customer and closed month; the highest revision counts.",
    DEAD_LETTERS: "Refused records as they came, with their origin and the reason in headers.",
}
Node = dict[str, Any]


def asyncapi_text(schema_paths: Sequence[str]) -> str:
    """Write the document; messages refer to the schema files beside it."""
    messages = [
        path.removesuffix(".schema.json").split("/") for path in schema_paths if not path.startswith("headers/")
    ]
    content = {
        "asyncapi": "3.0.0",
        "info": _INFO,
        "servers": _SERVERS,
        "defaultContentType": "application/json",
        "channels": {
            topic: _channel(topic, [name for home, name in messages if home == topic]) for topic in DESCRIPTIONS
        },
        "operations": {operation: node for topic in DESCRIPTIONS for operation, node in _operations(topic)},
        "components": {
            "messages": {name: _message(topic, name) for topic, name in messages} | {"dead-letter": _DEAD_LETTER}
        },
    }
    return yaml.safe_dump(content, sort_keys=False, width=120, allow_unicode=True)


_INFO: Node = {
    "title": "stream-app",
    "version": VERSION,
    "description": (
        "Keeps a telecom operator's valuable customers, live: usage and billing events in, value tiers out. "
        "One JSON object per record, UTF-8, at most 64 KiB; all topics share one partition count. "
        "Readers of facts use read_committed. Integers are written as integers: 5.0 is refused, although JSON Schema "
        "cannot tell it from 5."
    ),
}
_SERVERS: Node = {
    "kafka": {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "The Apache Kafka cluster of the installation.",
        "variables": {"bootstrap": {"default": "localhost:9092", "description": "host:port of a broker"}},
    }
}
_KEY: Node = {"kafka": {"key": {"type": "string", "description": "subscriber_id"}, "bindingVersion": "0.5.0"}}
_DEAD_LETTER: Node = {
    "name": "dead-letter",
    "summary": "The record as it came: its own key, value (any bytes) and headers, and dl_* headers.",
    "contentType": "application/octet-stream",
    "headers": {"schemaFormat": DIALECT, "schema": {"$ref": "./headers/dead-letter.schema.json"}},
}


def _channel(topic: str, names: Sequence[str]) -> Node:
    inside = ["dead-letter"] if topic == DEAD_LETTERS else names
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in inside}
    return {"address": topic, "description": DESCRIPTIONS[topic], "messages": messages}


def _operations(topic: str) -> list[tuple[str, Node]]:
    channel = {"$ref": f"#/channels/{topic}"}
    reads = [(f"read-{topic}", {"action": "receive", "channel": channel})] if topic in {*FEEDS, CLOCK_TOPIC} else []
    writes = [] if topic in FEEDS else [(f"write-{topic}", {"action": "send", "channel": channel})]
    return reads + writes


def _message(topic: str, name: str) -> Node:
    payload = {"schemaFormat": DIALECT, "schema": {"$ref": f"./{topic}/{name}.schema.json"}}
    message: Node = {"name": name, "payload": payload}
    if topic != CLOCK_TOPIC:
        message["bindings"] = _KEY
    if topic in FACT_TOPICS:
        message["headers"] = {"schemaFormat": DIALECT, "schema": {"$ref": "./headers/cloud-event.schema.json"}}
    return message
