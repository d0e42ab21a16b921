"""What all sections of a policy file share: exactly their keys, read strictly, and the names that stand in them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Label = Annotated[str, StringConstraints(min_length=1, max_length=32)]


class Section(BaseModel):
    """A part of the file: exactly these keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
