"""The spread of a closed month's ARPU: each customer on the network in one band, as a Prometheus histogram counts."""

from sqlalchemy import delete

from stream_app.console.desk import Desk
from stream_app.console.figures.arpu import ARPU, BOUNDS_YUAN, arpu, latest_arpu, up_to_bounds
from stream_app.console.figures.refresh import refresh
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import Figure
from tests.console.figures.people import People


def test_each_customer_on_the_network_is_in_the_band_that_its_arpu_reaches(desk: Desk, people: People) -> None:
    for number, fen in enumerate([-500, 0, 1, 1000, 1001, 9_999, 10_000, 300_000, 300_001]):
        people.month(f"c{number}", "2025-04", arpu_fen=fen)
    people.month("left", "2025-04", arpu_fen=1_000_000, on_network=False)
    people.month("earlier", "2025-03", arpu_fen=1_000_000)
    with reading(desk.engine) as connection:
        found = arpu(connection, "2025-04")
    upto = up_to_bounds(found)
    assert [upto["0"], upto["10"], upto["20"], upto["80"], upto["100"], upto["3000"], upto["+Inf"]] == [
        *(2, 4, 5, 5, 7, 8, 9)
    ]
    assert list(upto) == [*map(str, BOUNDS_YUAN), "+Inf"]
    assert found["arpu_fen"] == -500 + 1 + 1000 + 1001 + 9_999 + 10_000 + 300_000 + 300_001


def test_a_month_without_rows_has_nobody_in_any_band(desk: Desk) -> None:
    with reading(desk.engine) as connection:
        found = arpu(connection, "2025-04")
    assert (set(found["heads"]), found["arpu_fen"]) == ({0}, 0)


def test_the_last_month_reckoned_is_the_one_shown(desk: Desk, people: People) -> None:
    with reading(desk.engine) as connection:
        assert latest_arpu(connection) is None
    people.month("ann", "2025-03", arpu_fen=2_000)
    people.month("ann", "2025-04", arpu_fen=7_000)
    people.read_on()
    refresh(desk)
    with reading(desk.engine) as connection:
        found = latest_arpu(connection)
    assert found is not None
    assert (sum(found["heads"]), found["arpu_fen"]) == (1, 7_000)


def test_a_month_that_an_earlier_release_reckoned_is_spread_out_too(desk: Desk, people: People) -> None:
    people.month("ann", "2025-04", arpu_fen=7_000)
    people.read_on()
    refresh(desk)
    with writing(desk.engine) as connection:
        connection.execute(delete(Figure).where(Figure.name == ARPU))
    people.read_on(read_to=2)
    refresh(desk)
    with reading(desk.engine) as connection:
        assert latest_arpu(connection) is not None
