"""Made-up identities for simulated subscribers: the same id has the same name and number each time.

Numbers begin with 000, which no country dials, so that none can be anybody's.
"""

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from stream_app.console.identity.csv_source import COLUMNS
from stream_app.console.identity.source import Identity

SURNAMES: Final = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红飞鹏燕梅鑫宇浩晨欣怡思雨子涵嘉琪俊凯文博雅婷志远"
PREFIX: Final = "000"


def identity_of(subscriber_id: str) -> Identity:
    """Make somebody up."""
    drawn = int.from_bytes(hashlib.sha256(f"identity:{subscriber_id}".encode()).digest()[:16])
    drawn, surname = divmod(drawn, len(SURNAMES))
    drawn, first = divmod(drawn, len(GIVEN))
    drawn, second = divmod(drawn, len(GIVEN) + len(GIVEN) // 3)  # one in four has a single given name
    number = f"{drawn % 10**8:08}"
    return Identity(
        SURNAMES[surname] + GIVEN[first] + GIVEN[second : second + 1], f"{PREFIX} {number[:4]} {number[4:]}"
    )


def write_sample(path: Path, subscriber_ids: Iterable[str]) -> None:
    """Write a CSV of made-up identities for CsvIdentities."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for subscriber_id in subscriber_ids:
            made = identity_of(subscriber_id)
            rows.writerow((subscriber_id, made.name, made.number))
