"""Group robots of WeCom 企业微信 and DingTalk 钉钉: what they take, how it is signed, what their answers mean.

Both answer 200 to everything and say in `errcode` what came of it; 20 messages a minute go through one robot. DingTalk
shuts one out for ten minutes that sends more.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import aiohttp

from stream_app.console.channels.declared import Channel
from stream_app.console.channels.keys import signature
from stream_app.console.channels.outcome import Outcome, told, without
from stream_app.console.channels.posting import Answer, Request, post
from stream_app.console.channels.wording import Message
from stream_app.console.channels.words import word

WECOM_MARKDOWN_BYTES, WECOM_TEXT_BYTES, DINGTALK_BYTES = 4096, 2048, 18_000
WECOM_LIMITS: Final = {45009: 61.0, 45033: 5.0, -1: 5.0}  # errcode -> seconds: too often, too many at once, busy
DINGTALK_LIMITS: Final = {130101: 601.0, 410100: 601.0, -1: 5.0}
# The message itself is wrong: too long, empty, of a kind that is not known.
FINAL: Final = frozenset({40008, 40058, 44004, 400105})
JSON = {"Content-Type": "application/json; charset=utf-8"}


async def to_wecom(channel: Channel, message: Message, http: aiohttp.ClientSession, now: datetime) -> Outcome:
    """Tell a WeCom group; who has an address there (their userid) is called by it."""
    request = _request(channel, channel.key("url"), _wecom(message))
    return _outcome(channel, await post(http, request, now), WECOM_LIMITS)


async def to_dingtalk(channel: Channel, message: Message, http: aiohttp.ClientSession, now: datetime) -> Outcome:
    """Tell a DingTalk group; who has an address there (their userid) is called by it."""
    url = signed_url(channel.key("url"), channel.key("secret"), now)
    return _outcome(channel, await post(http, _request(channel, url, _dingtalk(message)), now), DINGTALK_LIMITS)


def signed_url(url: str, secret: str, now: datetime) -> str:
    """Sign as DingTalk asks 加签: HMAC-SHA256 of milliseconds, line feed and secret, keyed by the secret."""
    milliseconds = int(now.timestamp() * 1000)
    signed = signature(secret.encode(), f"{milliseconds}\n{secret}".encode())
    query = urlencode({"timestamp": milliseconds, "sign": signed}, quote_via=quote_plus)
    return f"{url}{'&' if '?' in url else '?'}{query}"


def cut(text: str, most_bytes: int) -> str:
    """Shorten a text to so many bytes of UTF-8, between characters."""
    content = text.encode()
    if len(content) <= most_bytes:
        return text
    return content[: most_bytes - 3].decode(errors="ignore") + "\u2026"


def _wecom(message: Message) -> Mapping[str, Any]:
    if message.address:  # only texts call people
        link = f"\n{message.link}"
        text = cut(f"{message.title}\n{message.text}", WECOM_TEXT_BYTES - len(link.encode())) + link
        return {"msgtype": "text", "text": {"content": text, "mentioned_list": [message.address]}}
    link = f"\n[{word('open', message.language)}]({message.link})"
    text = cut(f"**{message.title}**\n{message.text}", WECOM_MARKDOWN_BYTES - len(link.encode())) + link
    return {"msgtype": "markdown", "markdown": {"content": text}}


def _dingtalk(message: Message) -> Mapping[str, Any]:
    lines = message.text.replace("\n", "\n\n")  # one line feed is none to it
    link = f"\n\n[{word('open', message.language)}]({message.link})"
    called = f"\n\n@{message.address}" if message.address else ""
    text = cut(f"### {message.title}\n\n{lines}", DINGTALK_BYTES) + link + called
    at = {"atUserIds": [message.address] if message.address else [], "isAtAll": False}
    return {"msgtype": "markdown", "markdown": {"title": message.title, "text": text}, "at": at}


def _request(channel: Channel, url: str, content: Mapping[str, Any]) -> Request:
    return Request(url, json.dumps(content, ensure_ascii=False).encode(), JSON, channel.declared.timeout_seconds)


def _outcome(channel: Channel, answer: Answer | Outcome, limits: Mapping[int, float]) -> Outcome:
    if isinstance(answer, Outcome):
        return answer
    try:
        content = json.loads(answer.body)
        code, words = int(content["errcode"]), str(content.get("errmsg", ""))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Outcome("an answer without errcode: is this the robot's URL?")
    if code == 0:
        return told("errcode 0")
    said = f"errcode {code}: {without(words, tuple(key.get_secret_value() for key in channel.keys.values()))}"
    seconds = limits.get(code, 0.0)
    return Outcome(said, is_final=code in FINAL, wait_seconds=seconds, shut_seconds=seconds)
