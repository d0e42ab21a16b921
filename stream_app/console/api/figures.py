"""The figures of management: as they were reckoned, for all branches or for the caller's own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel
from sqlalchemy import select

from stream_app.console.access.viewer import NotFoundError
from stream_app.console.api.caller import DeskHere, Overseer
from stream_app.console.api.fields import PLAIN
from stream_app.console.figures.inputs import STATE
from stream_app.console.figures.stored import of_branch
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import Figure

router = APIRouter(tags=["figures"])
FigureName = Annotated[str, Path(min_length=1, max_length=64, pattern=PLAIN)]
FigureKey = Annotated[str, Path(min_length=1, max_length=128, pattern=PLAIN)]


class FigureNames(BaseModel):
    """The figures there are, each with the days, months or cohorts it is there for."""

    figures: dict[str, list[str]]


class FigureFound(BaseModel):
    """A figure; `value` is for all branches, or for the caller's own."""

    name: str
    key: str
    reckoned_at: datetime
    branch_id: str | None
    value: dict[str, Any]


@router.get("/figures", response_model=FigureNames)
def list_figures(_viewer: Overseer, desk: DeskHere) -> Mapping[str, Any]:
    """List the figures there are."""
    found = dict[str, list[str]]()
    statement = select(Figure.name, Figure.key).where(Figure.name != STATE).order_by(Figure.name, Figure.key)
    with reading(desk.engine) as connection:
        for name, key in connection.execute(statement):
            found.setdefault(name, []).append(key)
    return {"figures": found}


@router.get("/figures/{name}/{key}", response_model=FigureFound)
def show_figure(viewer: Overseer, desk: DeskHere, name: FigureName, key: FigureKey) -> Mapping[str, Any]:
    """Show one figure."""
    statement = select(Figure.__table__).where(Figure.name == name, Figure.key == key, Figure.name != STATE)
    with reading(desk.engine) as connection:
        row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFoundError
    return {**row, "branch_id": viewer.branch_id, "value": of_branch(row["value"], viewer.branch_id)}
