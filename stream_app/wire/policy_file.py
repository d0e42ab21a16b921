"""Reading a policy file: YAML -> the core's `Policy`, or a `PolicyError` that names file, key, value and fix."""

import difflib
from collections.abc import Hashable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from stream_app.core.policy import Policy
from stream_app.wire.invalid import fix, shown
from stream_app.wire.policy_model import PolicyModel


class PolicyError(ValueError):
    """A policy file that cannot be used, and what to do about it."""


def load_policy(path: Path) -> Policy:
    """Read a policy file; raises PolicyError, also where the file cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read: {error}"
        raise PolicyError(message) from error
    return parse_policy(text, str(path))


def parse_policy(text: str, name: str) -> Policy:
    """Read a policy from text; `name` is the file's, for messages. Raises PolicyError."""
    content = _yaml(text, name)
    if not isinstance(content, Mapping):
        message = f"{name}: holds {_value(content)}: write keys and values, at least version, effective_at and tiers"
        raise PolicyError(message)
    try:
        return PolicyModel.model_validate(content).policy()
    except ValidationError as refusal:
        lines = [f"{name}: {_words(error)}" for error in refusal.errors(include_url=False)]
        raise PolicyError("\n".join(lines)) from None


class _Loader(yaml.SafeLoader):
    """YAML without objects and without a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                problem = f"key {key} is there twice: keep one"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            seen.update({key} if isinstance(key, Hashable) else ())
        return super().construct_mapping(node, deep=deep)


def _yaml(text: str, name: str) -> object:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except RecursionError:
        message = f"{name}: nested too deep to be read: write keys and values"
        raise PolicyError(message) from None
    except (LookupError, AttributeError) as error:  # PyYAML's own, on `!!int ''`, `!!bool 3` and the like
        message = f"{name}: a value does not read as its !!type ({error}): leave the !!type out"
        raise PolicyError(message) from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a timestamp such as 2017-13-01
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        message = f"{place}: {getattr(error, 'problem', None) or error}"
        raise PolicyError(message) from None


def _words(error: ErrorDetails) -> str:
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{key} is no key of a policy{_guess(error['loc'])}"
    if error["type"] == "invalid_key":
        return f"{error['loc'][-1]} is no key of a policy: write names as keys"
    if error["type"] == "missing":
        return f"{key} is missing: every policy needs it"
    if not key:
        return error["msg"]
    if isinstance(error["input"], dict | list):  # of many values, none is the one
        return f"{key}: {fix(error)}"
    return f"{key} is {_value(error['input'])}: {fix(error)}"


def _value(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else shown(value)


def _guess(loc: tuple[int | str, ...]) -> str:
    known = list(_section(loc[:-1]).model_fields)
    close = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return f": did you mean {close[0]}?" if close else f": known are {', '.join(known)}"


def _section(loc: tuple[int | str, ...]) -> type[BaseModel]:
    found: type[BaseModel] = PolicyModel
    for part in loc:
        if part in found.model_fields:  # else a place in a list, or a name of the file's own
            found = _model_in(found.model_fields[str(part)].annotation) or PolicyModel
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any annotation may stand there
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = map(_model_in, getattr(annotation, "__args__", ()))
    return next((model for model in found if model), None)
