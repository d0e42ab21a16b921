"""What addresses and forms may bring: bounded, and refused in words."""

from typing import Annotated

from fastapi import Depends, Form

from stream_app.console.access.viewer import NotFoundError

LONGEST_ID = 64

Short = Annotated[str, Form(max_length=1000)]
Long = Annotated[str, Form(max_length=10_000)]


def _subscriber_id(subscriber_id: str) -> str:
    return plain_id(subscriber_id)


def _case_id(case_id: str) -> str:
    return plain_id(case_id)


def plain_id(text: str) -> str:
    """Let an id of an address through; what can be no id is not there. Raises NotFoundError."""
    if not text.isprintable() or len(text) > LONGEST_ID:
        raise NotFoundError
    return text


SubscriberId = Annotated[str, Depends(_subscriber_id)]
CaseId = Annotated[str, Depends(_case_id)]
