"""Cohorts: which freeze by themselves, and in which band of tenure a member stands."""

from datetime import date

import pytest

from stream_app.core.desk.cohort import Retention, band, own_name
from stream_app.core.policy import MeasurePolicy


@pytest.mark.parametrize(
    ("on", "names"),
    [(date(2025, 1, 1), ("2025-01", "2025")), (date(2025, 2, 1), ("2025-02",)), (date(2025, 2, 2), ())],
)
def test_a_month_and_a_year_freeze_on_their_first_day(on: date, names: tuple[str, ...]) -> None:
    assert own_name(on) == names


@pytest.mark.parametrize(
    ("months", "name"), [(None, ""), (-1, "short"), (0, "short"), (11, "short"), (12, "medium"), (36, "long")]
)
def test_a_band_holds_from_its_first_month_up_to_the_next(months: int | None, name: str) -> None:
    assert band(months, MeasurePolicy()) == name


def test_groups_of_a_cohort_add_up() -> None:
    assert Retention(3, 2, 1) + Retention(4, 4, 2) == Retention(7, 6, 3)
    assert sum([Retention(1, 1, 0)] * 3, Retention()) == Retention(3, 3, 0)
