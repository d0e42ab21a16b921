"""What rows look like in answers: models made from the tables, so that API and tables cannot drift apart."""

from collections.abc import Collection
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from stream_app.console.store import read_tables, work_tables
from stream_app.console.store.base import Table


class Shape(BaseModel):
    """A row in an answer."""

    model_config = ConfigDict(extra="ignore")


def shape(table: type[Table], without: Collection[str] = ()) -> type[Shape]:
    """Make the model of a table's rows, all columns but some."""
    hints = get_type_hints(table)
    fields: dict[str, Any] = {
        name: (get_args(hints[name])[0], ...) for name in table.__table__.c.keys() if name not in without  # noqa: SIM118 - columns
    }  # fmt: skip
    return create_model(table.__name__, __base__=Shape, __doc__=table.__doc__, **fields)


CaseShape = shape(work_tables.Case)
CaseEventShape = shape(work_tables.CaseEvent)
ContactShape = shape(work_tables.Contact)
BookShape = shape(work_tables.Book)
ScriptShape = shape(work_tables.Script)
DeliveryShape = shape(work_tables.Delivery)
CustomerShape = shape(read_tables.Customer)
MonthShape = shape(read_tables.MonthRow)
TierChangeShape = shape(read_tables.TierChange)
RiskChangeShape = shape(read_tables.RiskChange)
MeasureShape = shape(read_tables.MeasureHeld)
NetworkChangeShape = shape(read_tables.NetworkChange)
SignShape = shape(read_tables.Sign)


class Page(Shape):
    """What pages of a list share."""

    next: Annotated[str | None, Field(description="the cursor of the next page; none: this is the last")] = None
