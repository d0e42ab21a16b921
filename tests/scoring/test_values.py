"""What texts in a table mean."""

from datetime import date

import pytest

from stream_app.scoring.values import READERS, Kind, kind_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.5", 1234.5),
        ("12 %", 12),
        ("12,5", 12.5),
        ("1.234,5", 1234.5),
        ("1,234", 1234),
        ("-3e2", -300),
        ("1,2,3", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: float | None) -> None:
    assert READERS[Kind.NUMBER](text) == value


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["2024-06-01", "2024-06-30T12:00:00"], Kind.DATE),
        (["2024年6月1日", "2024年06月30日"], Kind.DATE),
        (["01.06.2024", "30.06.2024"], Kind.DATE),
        (["06/01/2024", "06/30/2024"], Kind.MONTH_FIRST),
    ],
)
def test_a_column_of_dates_is_read_in_one_order(texts: list[str], kind: Kind) -> None:
    assert kind_of(texts) is kind
    assert [READERS[kind](text) for text in texts] == [float(date(2024, 6, day).toordinal()) for day in (1, 30)]
