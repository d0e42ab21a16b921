"""What must hold of the facts: ids once, revisions in a row, tiers in a chain, and the JSON as the schemas say."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import orjson
from jsonschema import Draft202012Validator

from stream_app.core.facts import Fact, MonthClosed, TierChanged
from stream_app.wire.facts import Encoded, encode_fact
from stream_app.wire.models_facts import FACT_MODELS, CloudEventHeaders

SCHEMAS = Path(__file__).parents[2] / "schemas"
MOST_IDS = 200_000


@cache
def validators() -> Mapping[str, Draft202012Validator]:
    """Give the schema of each type, in and out."""
    paths = [path for path in SCHEMAS.glob("*/*.schema.json") if path.parent.name != "headers"]
    return {path.name.removesuffix(".schema.json"): _validator(path) for path in paths}


def _validator(path: Path) -> Draft202012Validator:
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


class Stated:
    """Checks the facts of a course as they come."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._ids: set[str] = set()
        self._revisions: dict[tuple[str, int], int] = {}
        self._tiers: dict[str, str | None] = {}

    def check(self, fact: Fact) -> None:
        """Check a fact against those before it, and some against the schemas."""
        encoded = encode_fact(fact)
        number = dict(encoded.headers)["ce_id"].decode()
        assert number not in self._ids, f"fact {number} stated twice: {fact}"
        if len(self._ids) >= MOST_IDS:
            self._ids.clear()
        self._ids.add(number)
        if isinstance(fact, MonthClosed):
            self._check_revision(fact)
        elif isinstance(fact, TierChanged):
            assert self._tiers.get(fact.subscriber_id) == fact.from_tier != fact.to_tier, f"{fact} does not follow"
            self._tiers[fact.subscriber_id] = fact.to_tier
        draw = self._chance.random()
        if draw < 0.03:
            check_encoded(fact, encoded, by_schema=draw < 0.003)

    def _check_revision(self, fact: MonthClosed) -> None:
        key = fact.subscriber_id, fact.month
        assert fact.revision == self._revisions.get(key, -1) + 1, f"{fact} follows {self._revisions.get(key)}"
        self._revisions[key] = fact.revision

    def forget(self, final: int) -> None:
        """Drop the revisions of months that can get no more."""
        self._revisions = {key: number for key, number in self._revisions.items() if key[1] > final}


def check_encoded(fact: Fact, encoded: Encoded, *, by_schema: bool) -> None:
    """Read a fact back as its model, and by its published schema."""
    content: dict[str, Any] = orjson.loads(encoded.value)
    (model,) = FACT_MODELS[encoded.topic]
    model.model_validate(content)
    CloudEventHeaders.model_validate({name: value.decode() for name, value in encoded.headers})
    assert encoded.key == fact.subscriber_id.encode()
    if by_schema:
        validators()[fact.type].validate(content)
