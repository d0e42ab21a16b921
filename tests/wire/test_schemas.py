"""The schemas are generated, checked in, agree with the decoder, and keep what a release promised."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from stream_app.core.events import FEEDS
from stream_app.wire import asyncapi, schemas
from stream_app.wire.decode import EVENT_MODELS, NO_KEY
from stream_app.wire.invalid import InvalidMessage
from stream_app.wire.schema_text import json_schema
from tests.wire.records import DECODER, ODD_VALUES, encoded, near_records, record

FOLDER = Path(__file__).parents[2] / "schemas"


def ecma_pattern(_: Any, pattern: str, instance: object, __: Any) -> Iterator[ValidationError]:
    """Match as ECMA 262 does, which JSON Schema names: there $ is the end, and not before a last newline."""
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


Validator = extend(Draft202012Validator, {"pattern": ecma_pattern})  # type: ignore[no-untyped-call]
VALIDATORS = {name: Validator(json_schema(model, "")) for name, model in EVENT_MODELS.items()}


def test_what_is_checked_in_is_what_the_models_say() -> None:
    assert schemas.check(FOLDER) == []


def test_the_version_of_the_contracts_is_released() -> None:
    assert (FOLDER / schemas.RELEASED / asyncapi.VERSION).is_dir()


@pytest.mark.parametrize("path", list(schemas.schema_models()))
def test_every_schema_is_one(path: str) -> None:
    Draft202012Validator.check_schema(json.loads((FOLDER / path).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", list(EVENT_MODELS))
def test_the_least_record_of_a_type_meets_its_schema(name: str) -> None:
    VALIDATORS[name].validate(record(name))


def schema_and_decoder_agree(content: dict[str, Any]) -> bool:
    try:
        DECODER.event(None, NO_KEY, encoded(content))
    except InvalidMessage as refusal:
        if "at most one month after" in refusal.message:
            return True  # needs the calendar, which a schema has not
        accepted = False
    else:
        accepted = True
    return bool(VALIDATORS[content["type"]].is_valid(content)) == accepted


@given(near_records().filter(lambda content: "type" in content))
def test_schema_and_decoder_agree_on_nearly_valid_records(content: dict[str, Any]) -> None:
    assert schema_and_decoder_agree(content)


@pytest.mark.parametrize("name", list(EVENT_MODELS))
def test_schema_and_decoder_agree_on_every_odd_value_of_every_field(name: str) -> None:
    for field in set(EVENT_MODELS[name].model_fields) - {"type"}:
        for value in ODD_VALUES:
            assert schema_and_decoder_agree(record(name, **{field: value}))


def test_the_document_refers_to_files_that_are_there() -> None:
    text = (FOLDER / "asyncapi.yaml").read_text(encoding="utf-8")
    references = re.findall(r"\$ref: (\S+)", text.replace("'", ""))
    content = yaml.safe_load(text)
    for reference in references:
        if reference.startswith("#"):
            node = content
            for step in reference.removeprefix("#/").split("/"):
                node = node[step]
        else:
            assert (FOLDER / reference).is_file()


def test_the_document_has_every_topic_and_type() -> None:
    content = yaml.safe_load((FOLDER / "asyncapi.yaml").read_text(encoding="utf-8"))
    assert set(content["channels"]) >= {*FEEDS, "clock", "tier-changes", "month-closes", "dead-letters"}
    assert set(content["components"]["messages"]) >= set(EVENT_MODELS)
    assert content["operations"]["read-usage-events"]["action"] == "receive"
    assert content["operations"]["write-tier-changes"]["action"] == "send"


def test_writing_writes_what_differs_and_nothing_twice(tmp_path: Path) -> None:
    assert len(schemas.write(tmp_path)) == len(schemas.generated())
    assert schemas.write(tmp_path) == []
    assert schemas.check(tmp_path) == []


def test_a_file_edited_by_hand_and_one_of_no_model_are_named(tmp_path: Path) -> None:
    schemas.write(tmp_path)
    (tmp_path / "clock" / "clock.ticked.schema.json").write_text("{}", encoding="utf-8")
    (tmp_path / "clock" / "clock.stopped.schema.json").write_text("{}", encoding="utf-8")
    assert schemas.check(tmp_path) == [
        "clock/clock.ticked.schema.json is not what the models say: run `stream-app schemas write`",
        "clock/clock.stopped.schema.json belongs to no model: remove it",
    ]
    assert [path.name for path in schemas.write(tmp_path)] == ["clock.ticked.schema.json"]


def test_a_release_is_made_once_and_then_kept_to(tmp_path: Path) -> None:
    schemas.write(tmp_path)
    schemas.release(tmp_path, "0.0.9")
    assert schemas.check(tmp_path) == []
    with pytest.raises(FileExistsError):
        schemas.release(tmp_path, "0.0.9")


def test_a_change_that_breaks_a_release_is_refused(tmp_path: Path) -> None:
    schemas.write(tmp_path)
    schemas.release(tmp_path, "0.0.9")
    released = tmp_path / schemas.RELEASED / "0.0.9"
    fee = released / "billing-events" / "fee.charged.schema.json"
    promised = json.loads(fee.read_text(encoding="utf-8"))
    promised["required"].remove("kind")
    fee.write_text(json.dumps(promised), encoding="utf-8")
    tier = released / "tier-changes" / "tier.changed.schema.json"
    promised = json.loads(tier.read_text(encoding="utf-8"))
    promised["properties"]["reason"]["enum"].remove("left")
    tier.write_text(json.dumps(promised), encoding="utf-8")
    (released / "clock" / "clock.stopped.schema.json").write_text("{}", encoding="utf-8")
    assert [problem.partition(", released in 0.0.9: ")[::2] for problem in schemas.check(tmp_path)] == [
        ("billing-events/fee.charged.schema.json", "kind: required field added: make it a new type or version"),
        ("clock/clock.stopped.schema.json", "removed: make it a new type or version"),
        ("tier-changes/tier.changed.schema.json", "reason: enum widened: make it a new type or version"),
    ]
