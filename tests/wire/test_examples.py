"""The examples in schemas/: the valid ones decode, the invalid ones are refused for the reason they are named by."""

import json
from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from stream_app.core.events import CLOCK_TOPIC
from stream_app.core.facts import FACT_TOPICS
from stream_app.wire.decode import EVENT_MODELS, NO_KEY
from stream_app.wire.invalid import InvalidMessage
from tests.wire.records import DECODER

SCHEMAS = Path(__file__).parents[2] / "schemas"
EXAMPLES = SCHEMAS / "examples"
VALID = sorted(EXAMPLES.glob("*/valid/*.json"))
INVALID = sorted(EXAMPLES.glob("*/invalid/*.json"))


def name_of(path: Path) -> str:
    return path.relative_to(EXAMPLES).as_posix()


def decode(path: Path) -> object:
    topic = path.parts[-3]
    if topic == CLOCK_TOPIC:
        return DECODER.tick(None, path.read_bytes())
    return DECODER.event(topic, NO_KEY, path.read_bytes())


@pytest.mark.parametrize("path", [path for path in VALID if path.parts[-3] not in FACT_TOPICS], ids=name_of)
def test_a_valid_example_decodes(path: Path) -> None:
    decode(path)


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_a_valid_example_meets_its_schema(path: Path) -> None:
    content = orjson.loads(path.read_bytes())
    schema = json.loads((SCHEMAS / path.parts[-3] / f"{content['type']}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(content)


@pytest.mark.parametrize("path", INVALID, ids=name_of)
def test_an_invalid_example_is_refused_for_the_reason_in_its_name(path: Path) -> None:
    with pytest.raises(InvalidMessage) as refusal:
        decode(path)
    assert refusal.value.reason == path.name.split(".")[0]


def test_every_type_has_a_valid_example() -> None:
    shown = {json.loads(path.read_text(encoding="utf-8"))["type"] for path in VALID}
    assert shown >= {*EVENT_MODELS, "clock.ticked", *(kind.type for kind in FACT_TOPICS.values())}
