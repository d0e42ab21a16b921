"""Counting and adding up selected rows by what they share."""

from typing import Any, TypeAlias

from sqlalchemy import Select, func, select

Rows: TypeAlias = "Select[*tuple[Any, ...]]"


def totals(rows: Rows, *summed: str) -> Rows:
    """Group rows by all their columns but those summed: `heads` counts them, a sum has its column's name.

    The rows are named as a subquery first: PostgreSQL takes an expression with values in it for another one when it
    stands in the list of columns and in GROUP BY.
    """
    inner = rows.subquery()
    groups = [column for column in inner.c if column.name not in summed]
    sums = [func.coalesce(func.sum(inner.c[name]), 0).label(name) for name in summed]
    return select(*groups, func.count().label("heads"), *sums).group_by(*groups)
