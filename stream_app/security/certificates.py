"""When certificates end, read from their files: the one field that operations must be woken for in time.

A certificate is DER (ITU-T X.690) in PEM; of all its fields (RFC 5280, 4.1) only the end of its validity is read here.
"""

import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from prometheus_client import Gauge

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_EXPLICIT_VERSION = 0xA0
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_CENTURY_TURNS = 50  # two digits from 50 on are of the 1900s (RFC 5280, 4.1.2.5.1)
_LONG_LENGTH = 0x80


class NoCertificate(ValueError):
    """A file holds no certificate that could be read."""


class _Field(NamedTuple):
    tag: int
    content: bytes


def first_end(path: Path) -> datetime:
    """Give the instant at which the first of a file's certificates ends; raises OSError, NoCertificate."""
    found = path.stat()
    return _first_end(path, found.st_mtime_ns, found.st_ino)


def show_certificates(files: Mapping[str, Path], gauge: Callable[[str], Gauge]) -> None:
    """Have gauges show when certificates end, each read when it is asked for; `gauge` gives the one of a use."""
    for use, path in files.items():
        gauge(use).set_function(_end_of(path))


def _end_of(path: Path) -> Callable[[], float]:
    def end() -> float:
        try:
            return first_end(path).timestamp()
        except (OSError, NoCertificate):
            return 0.0  # as good as ended: it could not be read again

    return end


@lru_cache(maxsize=16)
def _first_end(path: Path, _changed_ns: int, _inode: int) -> datetime:
    """Read a file once for as long as it is the same one: metrics are asked for every few seconds."""
    blocks = _PEM.findall(path.read_text(encoding="ascii", errors="replace"))
    try:
        return min([_end(ssl.PEM_cert_to_DER_cert(block)) for block in blocks])  # a list: StopIteration may be raised
    except (ValueError, IndexError, StopIteration):
        message = f"{path} holds no certificate in PEM"
        raise NoCertificate(message) from None


def _end(der: bytes) -> datetime:
    certificate = next(_fields(der))
    fields = _fields(next(_fields(certificate.content)).content)
    if next(fields).tag == _EXPLICIT_VERSION:
        next(fields)  # the serial number, which comes first where no version is given
    next(fields)  # the algorithm of the signature
    next(fields)  # the issuer
    _, end = _fields(next(fields).content)
    return _instant(end)


def _instant(field: _Field) -> datetime:
    text = field.content.decode("ascii")
    if field.tag == _UTC_TIME:
        text = ("19" if int(text[:2]) >= _CENTURY_TURNS else "20") + text
    elif field.tag != _GENERALIZED_TIME:
        message = f"no time has the tag {field.tag}"
        raise ValueError(message)
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _fields(der: bytes) -> Iterator[_Field]:
    """Take DER apart into the fields that lie side by side in it."""
    at = 0
    while at < len(der):
        tag, length = der[at], der[at + 1]
        at += 2
        if length >= _LONG_LENGTH:
            count = length - _LONG_LENGTH
            length = int.from_bytes(der[at : at + count])
            at += count
        yield _Field(tag, der[at : at + length])
        at += length
