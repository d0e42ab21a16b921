"""The section `outcomes` of a policy file: of whom the months before leaving are kept."""

from typing import Annotated

from pydantic import Field

from stream_app.core import policy as core
from stream_app.wire.policy_section import Section

Permille = Annotated[int, Field(ge=0, le=1000)]
DEFAULTS = core.Outcomes()


class OutcomesModel(Section):
    """Shares in a thousand, drawn by id."""

    tracked_permille: Permille = DEFAULTS.tracked_permille
    stayed_permille: Permille = DEFAULTS.stayed_permille
