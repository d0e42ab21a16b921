"""What a careless or hostile sender may write: odd values, odd JSON, odd bytes."""

from collections.abc import Sequence
from datetime import timedelta, timezone
from typing import Any

from stream_app.core.events import TOPIC_OF_TYPE
from stream_app.core.state import TRAITS
from tests.wire.records import COMMON, LEAST_OF_TYPE, ODD_VALUES, OPTIONAL

TYPES = tuple(TOPIC_OF_TYPE)
TOPICS = tuple(dict.fromkeys(TOPIC_OF_TYPE.values()))
FIELDS: Sequence[str] = tuple(
    dict.fromkeys(
        [
            "type",
            *COMMON,
            *(name for own in LEAST_OF_TYPE.values() for name in own),
            "volume_bytes",
            "message_count",
            *TRAITS,
            *OPTIONAL,
            "direction",
            "scope",
            "at",
            "positions",
            "never heard of",
            "",
            "\0",
            "__class__",
        ]
    )
)


def _nested(depth: int) -> Any:
    found: Any = 0
    for _ in range(depth):
        found = [found]
    return found


VALUES: Sequence[Any] = [
    *ODD_VALUES,
    *TYPES,
    2**31,
    2**53 + 1,
    2**63 - 1,
    2**63,
    -(2**63),
    2**64 - 1,
    10**300,
    -0.0,
    1e-320,
    1.7976931348623157e308,
    0.1 + 0.2,
    float("nan"),
    float("inf"),
    _nested(5),
    _nested(200),
    {"a": {"b": {"c": [None, True, {"": ""}]}}},
    {"usage-events": 0, "billing-events": 2**63 - 1},
    {"usage-events": -1},
    {"": "1"},
    "\0",
    "a\0b",
    "\u202e\u200b\ufeff",
    "用户",
    "\U0001f4f1" * 64,
    "e\u0301" * 32,
    "ﬀ",
    "-",
    "_" * 64,
    "-" * 65,
    "y" * 3000,
    "0001-01-01",
    "9999-12-31",
    "0001-01",
    "9999-12",
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "1899-12-31T23:59:59.999999+08:05",
    "2100-01-01T00:00:00Z",
    "2000-02-29T12:00:00+14:00",
    "1969-12-31T23:59:59.999999Z",
    "2024-02-29T00:00:00-12:00",
]

RAW: Sequence[bytes] = [
    b"NaN",
    b"-Infinity",
    b"1e400",
    b"-1e400",
    b"1E5",
    b"5.0",
    b"-0",
    b"01",
    b"+1",
    b".5",
    b"1.",
    b"0x10",
    b"1_000",
    b"1" * 400,
    b"9" * 5000,
    b"0." + b"3" * 2000,
    b"1e-99999",
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\\ud83d\\ude00"',
    b'"\\u0000"',
    b'"\x00"',
    b'"\x1f"',
    b'"\xff\xfe"',
    b'"\xc0\x80"',
    b'"\xed\xa0\x80"',
    b'"\\x41"',
    b'"\\',
    b'"',
    b"'a'",
    b"True",
    b"nul",
    b"undefined",
    b"",
    b" ",
    b"/* */ 1",
    b"[1,]",
    b'{"a":1,}',
    b'{"a":1,"a":2}',
    b"{a:1}",
    b"{1:1}",
    *(b"[" * depth + b"]" * depth for depth in (2, 250, 500, 900, 990, 1000, 1020, 1024, 1025, 3000)),
    *(b'{"a":' * depth + b"0" + b"}" * depth for depth in (250, 990, 1024, 1100)),
    b"[" * 20_000,
    b'{"a":' * 9000,
    b'"' + b"z" * 257 + b'"',
    b'"' + b"z" * 1025 + b'"',
    b'"' + b"\\u0041" * 64 + b'"',
]
TOKENS: Sequence[bytes] = [
    *b'\0 \n\r\t"\\{}[]:,-+.eE019tfn/\x7f\x80\xbf\xc2\xed\xf4\xff'.decode("latin-1").encode("latin-1").split(b"?"),
    *(bytes([byte]) for byte in b'\0 \n\t"\\{}[]:,-+.eE019tfn/\x7f\x80\xbf\xc2\xed\xf4\xff'),
    b"\xef\xbb\xbf",
    b"\\u",
    b"\\ud8",
    b"null",
    b"true",
    b"//",
    b"1e9",
    b'":"',
    b'","',
    b"}{",
]
KEYS: Sequence[bytes | None] = [
    None,
    b"",
    b"\0",
    b"s",
    b"\xff\xfe",
    b"s-1\n",
    "用户".encode(),
    b"k" * 65,
    b"k" * 70_000,
]
TIMESTAMPS_MS: Sequence[int] = [-1, 0, 1, -(2**63), 2**63 - 1, 2**62, -62_135_596_800_001, 253_402_300_800_000]
HEADERS: Sequence[list[tuple[str, bytes | None]]] = [
    [("trace", b"\0\xff")],
    [("dl_reason", b"not_json"), ("dl_topic", b"\xff"), ("own", b"1"), ("own", b"2")],
    [("", b"")],
    [("empty", None)],
    [("用户", "用户".encode())],
    [("h", b"v" * 5000)] * 5,
    [("dl_message", b"x")] * 50,
]
ZONES = tuple(timezone(timedelta(minutes=minutes)) for minutes in (0, 480, -720, 840, 345, -210, 1439, -1439))
