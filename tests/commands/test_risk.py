"""`stream-app risk`: fit, score and check on tables of all sorts, and how each ends."""

import csv
from pathlib import Path
from random import Random

import pytest
from click.testing import Result

from stream_app.scoring.table import TableError, opened
from tests.commands.running import stream_app
from tests.house.sources import ROOT

DATA = ROOT.parent / "shared" / "data"


def table(folder: Path, rows: int = 300, name: str = "table.csv") -> Path:
    """Write a table in which silence and complaints make leavers: an id, a date, words, gaps, a leak, a constant."""
    dice = Random(7)
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["customer_id", "silent", "joined", "plan", "complains", "constant", "churn_date", "left"])
        for number in range(rows):
            silent, complains = dice.randrange(30), dice.random() < 0.2
            left = dice.random() < 0.05 + 0.02 * silent + 0.3 * complains
            joined = f"20{dice.randrange(10, 24)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
            plan = dice.choice(["gold", "silver", "?", "no"])
            known = "" if dice.random() < 0.1 else silent
            gone = "2025-03-01" if left else ""
            lines.writerow([900100 + number, known, joined, plan, int(complains), "x", gone, "yes" if left else "no"])
    return path


def fit(source: Path, out: Path, label: str = "left", *words: object) -> Result:
    return stream_app("risk", "fit", "--table", source, "--label", label, "--out", out, *words)


def test_a_fit_leaves_out_ids_constants_and_what_tells_the_label(tmp_path: Path) -> None:
    said = fit(table(tmp_path), tmp_path / "card.yaml")
    assert said.exit_code == 0
    assert "customer_id: looks like an id" in said.output
    assert "constant: never changes" in said.output
    assert "churn_date: tells the label itself" in said.output
    assert "  silent:\n" in (tmp_path / "card.yaml").read_text(encoding="utf-8")


def test_the_same_table_gives_the_same_scorecard(tmp_path: Path) -> None:
    source = table(tmp_path)
    texts = []
    for name in ("a.yaml", "b.yaml"):
        fit(source, tmp_path / name)
        texts.append((tmp_path / name).read_bytes())
    assert texts[0] == texts[1]


def test_every_row_is_scored_in_order_also_where_columns_and_words_are_unknown(tmp_path: Path) -> None:
    fit(table(tmp_path), tmp_path / "card.yaml")
    other = tmp_path / "other.csv"
    other.write_text("who,plan,complains\na,platinum,1\nb,,often\nc,gold,0\n", encoding="utf-8")
    out = tmp_path / "scores.csv"
    said = stream_app(
        "risk", "score", "--scorecard", tmp_path / "card.yaml", "--table", other, "--out", out, "--id", "who"
    )
    assert said.exit_code == 0
    assert "no column 'silent'" in said.output
    lines = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert [line["who"] for line in lines] == ["a", "b", "c"]
    assert int(lines[0]["score"]) > int(lines[2]["score"])
    assert "complains" in lines[0]["reasons"]


def test_a_check_says_what_the_calls_of_a_day_find_and_draws_it(tmp_path: Path) -> None:
    source = table(tmp_path)
    fit(source, tmp_path / "card.yaml")
    said = stream_app(
        *("risk", "check", "--scorecard", tmp_path / "card.yaml", "--table", source, "--label", "left"),
        *("--capacity", 5, "--lead", "silent", "--out", tmp_path / "checked"),
    )
    assert said.exit_code == 0
    assert "at 5 calls a day" in said.output
    assert "lead median" in said.output
    assert (tmp_path / "checked" / "check.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "is empty"),
        ("a,left\n1,maybe\n", "'maybe'"),
        ("a,a,left\n", "twice"),
        ("a,Left\n1,1\n", "did you mean 'Left'"),
        ("a,left\n1,1\n2,0\n", "the least to learn from"),
    ],
)
def test_a_table_that_teaches_nothing_is_refused_in_one_line(tmp_path: Path, text: str, word: str) -> None:
    source = tmp_path / "bad.csv"
    source.write_text(text, encoding="utf-8")
    said = fit(source, tmp_path / "card.yaml")
    assert said.exit_code == 2
    assert word in said.output


def test_a_file_that_is_no_scorecard_is_refused_in_one_line(tmp_path: Path) -> None:
    card = tmp_path / "card.yaml"
    card.write_text("tiers: []\n", encoding="utf-8")
    said = stream_app(
        "risk", "score", "--scorecard", card, "--table", table(tmp_path), "--out", tmp_path / "scores.csv"
    )
    assert said.exit_code == 2
    assert "is no scorecard" in said.output


def test_a_row_wider_than_the_header_is_named(tmp_path: Path) -> None:
    source = tmp_path / "wide.csv"
    source.write_text("a,b\n1,2\n1,2,3\n", encoding="utf-8")
    with opened(source) as found, pytest.raises(TableError, match="row 2 has 3 fields"):
        list(found.rows)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "label", "auc", "lift"),
    [("expresso/calibration.csv.gz", "CHURN", 0.875, 2.33), ("iranian/customer_churn.csv", "Churn", 0.95, 5.2)],
)
def test_rows_not_seen_are_told_apart_as_well_as_the_bars_ask(
    tmp_path: Path, file: str, label: str, auc: float, lift: float
) -> None:
    if not (DATA / file).exists():
        pytest.skip(f"{file} is not beside the repository")
    said = fit(DATA / file, tmp_path / "card.yaml", label)
    words = said.output.splitlines()[-1].replace(",", " ").split()
    assert float(words[words.index("AUC") + 1]) >= auc
    assert float(words[-1]) >= lift
