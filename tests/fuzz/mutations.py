"""Mutations of a record: of its fields, of its JSON text, of its bytes. Everything comes from the chance passed in."""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

import orjson

from tests.fuzz.values import FIELDS, RAW, TOKENS, VALUES

Content = dict[str, Any]
T = TypeVar("T")
PLACE = "\ue000here"  # stands where raw text goes in
LONG_BYTES = 66_000  # above the largest record


def pick(chance: Random, options: Sequence[T]) -> T:
    """Pick one of some: `Random.choice` in a quarter of its time."""
    return options[int(chance.random() * len(options))]


def written(content: Content, chance: Random) -> bytes:
    """Write a record as one of the senders there are would: compact, spaced, escaped or not."""
    draw = chance.random()
    if draw < 0.85:
        try:
            return orjson.dumps(content)
        except TypeError:  # an integer beyond 64 bits, or half a surrogate pair
            pass
    indent = 1 if draw > 0.97 else None
    return json.dumps(content, ensure_ascii=draw < 0.93, indent=indent).encode(errors="surrogatepass")


def change_fields(content: Content, chance: Random) -> Content:
    """Change one to three fields, or which there are."""
    for _ in range(pick(chance, (1, 1, 1, 2, 3))):
        pick(chance, FIELD_CHANGES)(content, chance)
    return content


def change_text(content: Content, chance: Random) -> bytes:
    """Write the record with raw text in place of a value, or with a key given twice."""
    name, raw = pick(chance, [*content]), pick(chance, RAW)
    if chance.random() < 0.5:
        content[name if chance.random() < 0.7 else pick(chance, FIELDS)] = PLACE
        return written(content, chance).replace(json.dumps(PLACE).encode(), raw).replace(f'"{PLACE}"'.encode(), raw)
    again = json.dumps(name).encode() + b":" + pick(chance, (raw, json.dumps(content[name]).encode()))
    text = written(content, chance)
    return b"{" + again + b"," + text[1:] if chance.random() < 0.5 else text[:-1] + b"," + again + b"}"


def change_bytes(text: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Change one to four places of the bytes."""
    changed = bytearray(text)
    for _ in range(pick(chance, (1, 1, 1, 2, 4))):
        pick(chance, BYTE_CHANGES)(changed, chance, others)
    return bytes(changed)


def _odd(content: Content, chance: Random) -> None:
    content[pick(chance, [*content]) if content else "a"] = pick(chance, VALUES)


def _more(content: Content, chance: Random) -> None:
    content[pick(chance, FIELDS)] = pick(chance, VALUES)


def _less(content: Content, chance: Random) -> None:
    if content:
        del content[pick(chance, [*content])]


def _swap(content: Content, chance: Random) -> None:
    names = [*content]
    if names:
        first, second = pick(chance, names), pick(chance, names)
        content[first], content[second] = content[second], content[first]


def _wrap(content: Content, chance: Random) -> None:
    if content:
        name = pick(chance, [*content])
        content[name] = pick(chance, ([content[name]], {name: content[name]}, str(content[name]), dict(content)))


def _tweak(content: Content, chance: Random) -> None:
    if content:
        name = pick(chance, [*content])
        value = content[name]
        if isinstance(value, str):
            content[name] = _tweaked(value, chance)
        elif isinstance(value, int | float):
            content[name] = pick(chance, (value + 1, value - 1, -value, value * 10, value * 10**9, value / 2))


def _tweaked(text: str, chance: Random) -> str:
    place = int(chance.random() * (len(text) + 1))
    return pick(
        chance,
        (
            text[:place] + pick(chance, "0:-TZz+ \0é9\n") + text[place:],
            text[:place] + pick(chance, "0123456789") + text[place + 1 :],
            text[:place],
            text.swapcase(),
            text * 2,
            f" {text}",
        ),
    )


FIELD_CHANGES: Sequence[Callable[[Content, Random], None]] = (_odd, _odd, _more, _less, _swap, _wrap, _tweak, _tweak)


def _flip(text: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    if text:
        text[int(chance.random() * len(text))] ^= 1 << chance.randrange(8)


def _insert(text: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    place = int(chance.random() * (len(text) + 1))
    text[place : place + pick(chance, (0, 0, 1, 2))] = pick(chance, TOKENS)


def _cut_out(text: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    place = int(chance.random() * (len(text) + 1))
    del text[place : place + pick(chance, (1, 1, 2, 8, 40))]


def _cut_short(text: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    del text[int(chance.random() * (len(text) + 1)) :]


def _repeat(text: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    place = int(chance.random() * (len(text) + 1))
    text[place:place] = text[place : place + pick(chance, (1, 4, 30))]


def _splice(text: bytearray, chance: Random, others: Sequence[bytes]) -> None:
    other = pick(chance, others)
    text[int(chance.random() * (len(text) + 1)) :] = other[int(chance.random() * (len(other) + 1)) :]


def _lengthen(text: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    if chance.random() < 0.01:
        place = int(chance.random() * (len(text) + 1))
        text[place:place] = pick(chance, (b" ", b"0", b"[", b"\\")) * LONG_BYTES


def _surround(text: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    text[:0] = pick(chance, (b"\xef\xbb\xbf", b" ", b"\n", b"\0", b"[", b"{"))
    text += pick(chance, (b"", b"\n", b"\0", b"]", b"}", b",", b"{}"))


BYTE_CHANGES: Sequence[Callable[[bytearray, Random, Sequence[bytes]], None]] = (
    *(_flip, _flip, _insert, _insert, _insert),
    *(_cut_out, _cut_short, _repeat, _splice, _lengthen, _surround),
)
