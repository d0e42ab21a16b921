"""`stream-app risk`: fit, score and check on tables of all sorts, and how each ends."""

import csv
import json
import sys
from pathlib import Path
from random import Random
from subprocess import run as run_program

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from stream_app.scoring.scorecard import Bin, Scorecard, Weighed
from stream_app.scoring.scorecard_file import load_scorecard
from stream_app.scoring.table import TableError, opened
from stream_app.scoring.values import Kind
from stream_app.wire.policy_file import load_policy
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


def labelled(folder: Path, yes: str, no: str, *, encoding: str = "utf-8", rows: int = 200) -> Path:
    """Write a table in which a high spend makes leavers, and whose label has two words of its own."""
    path = folder / "labelled.csv"
    dice = Random(3)
    spends = [dice.randrange(100) for _ in range(rows)]
    lines = [f"{spend},{yes if dice.randrange(100) < spend else no}" for spend in spends]
    path.write_text("\n".join(["月均消费,状态", *lines]), encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("yes", "no", "encoding"),
    [
        ("True.", "False.", "utf-8"),
        ("1.0", "0.0", "utf-8-sig"),
        ("1", "-1", "utf-16"),
        ("LEAVE", "STAY", "utf-8"),
        ("是", "否", "gb18030"),
        ("流失", "在网", "utf-8"),
        ("Attrited Customer", "Existing Customer", "utf-8"),
    ],
)
def test_labels_are_read_in_the_words_and_encodings_that_operators_use(
    tmp_path: Path, yes: str, no: str, encoding: str
) -> None:
    said = fit(labelled(tmp_path, yes, no, encoding=encoding), tmp_path / "card.yaml", "状态")
    assert (said.exit_code, "200 rows" in said.output) == (0, True)
    assert [each.name for each in load_scorecard(tmp_path / "card.yaml").indicators] == ["月均消费"]


def test_a_label_of_other_words_is_refused_until_told_which_means_leaving(tmp_path: Path) -> None:
    source = labelled(tmp_path, "2", "3")
    refused = fit(source, tmp_path / "card.yaml", "状态")
    assert (refused.exit_code, "--yes WORD" in refused.output) == (2, True)
    assert fit(source, tmp_path / "card.yaml", "状态", "--yes", "2").exit_code == 0


def test_weights_move_the_level_and_not_the_points(tmp_path: Path) -> None:
    source, weighted = labelled(tmp_path, "1", "0"), tmp_path / "weighted.csv"
    lines = source.read_text(encoding="utf-8").splitlines()
    weighted.write_text(
        "\n".join([f"{lines[0]},w", *(f"{line},{1 if line.endswith(',1') else 9}" for line in lines[1:])])
    )
    assert fit(source, tmp_path / "a.yaml", "状态").exit_code == 0
    assert fit(weighted, tmp_path / "b.yaml", "状态", "--weight", "w").exit_code == 0
    plain, level = (load_scorecard(tmp_path / name) for name in ("a.yaml", "b.yaml"))
    assert level.indicators == plain.indicators
    assert level.calibration[-1].churn_per_mille < plain.calibration[-1].churn_per_mille


def test_a_weight_that_is_no_count_is_refused(tmp_path: Path) -> None:
    said = fit(table(tmp_path), tmp_path / "card.yaml", "left", "--weight", "plan")
    assert (said.exit_code, "how many customers a row stands for" in said.output) == (2, True)


def test_leads_are_also_read_from_two_dates(tmp_path: Path) -> None:
    source = table(tmp_path)
    fit(source, tmp_path / "card.yaml")
    words = ("risk", "check", "--scorecard", tmp_path / "card.yaml", "--table", source, "--label", "left")
    said = stream_app(*words, "--lead", "churn_date", "--seen-on", "2025-02-01")
    assert "lead median 28" in said.output
    assert stream_app(*words, "--lead", "churn_date").exit_code == 2


def test_a_folder_that_is_not_there_is_told_before_the_work(tmp_path: Path) -> None:
    said = fit(table(tmp_path), tmp_path / "none" / "card.yaml")
    assert (said.exit_code, "there is no folder" in said.output) == (2, True)


POINTS = st.integers(-50, 50)
CARDS = st.builds(
    lambda base, bins, missing, words, others: Scorecard(
        base,
        (
            Weighed("n", Kind.NUMBER, (Bin(bins[0], None, 0.0), Bin(bins[1], 0.0, None)), missing),
            Weighed("w", Kind.WORD, (Bin(words, words=("a", "b")),), missing, others),
        ),
    ),
    *(POINTS, st.tuples(POINTS, POINTS), POINTS, POINTS, POINTS),
)


@given(CARDS, st.none() | st.integers(-9, 9), st.sampled_from(["", "a", "b", "c", "?"]))
def test_a_score_is_the_base_and_the_points_of_every_bin(card: Scorecard, number: int | None, word: str) -> None:
    numbers, words = card.indicators
    of_number = numbers.missing if number is None else numbers.bins[number >= 0].points
    of_word = {"": words.missing, "?": words.missing, "c": words.others}.get(word, words.bins[0].points)
    scored = card.score(["" if number is None else str(number), word])
    assert scored.score == card.base_points + of_number + of_word


WITHOUT_NUMPY = "import sys; sys.modules['numpy'] = None; from stream_app.cli import main; main()"


def test_without_numpy_the_same_scorecard_comes_out(tmp_path: Path) -> None:
    source, out = table(tmp_path), tmp_path / "plain.yaml"
    assert fit(source, tmp_path / "card.yaml").exit_code == 0
    words = ["risk", "fit", "--table", str(source), "--label", "left", "--out", str(out)]
    run_program([sys.executable, "-c", WITHOUT_NUMPY, *words], check=True, capture_output=True)
    assert out.read_text(encoding="utf-8") == (tmp_path / "card.yaml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_what_was_recorded_becomes_the_policy_that_warns(tmp_path: Path) -> None:
    policy, events, answers = tmp_path / "policy.yaml", tmp_path / "events.ndjson.gz", tmp_path / "answers"
    default = (ROOT / "deploy" / "policies" / "default.yaml").read_text(encoding="utf-8")
    policy.write_text(default.replace("stayed_permille: 20", "stayed_permille: 100 "), encoding="utf-8")
    simulated = ("--subscribers", 800, "--days", 270, "--usage-per-day", 0.5)
    card, fitted, rows = tmp_path / "card.yaml", tmp_path / "fitted.yaml", tmp_path / "outcomes.csv"
    labels = ("--table", rows, "--label", "left", "--weight", "weight")
    chain = [
        ("simulate", *simulated, "--out", events),
        ("replay", events, "--policy", policy, "--engine", "offline", "--out", answers),
        ("risk", "collect", "--from", answers, "--context", "--out", rows),
        ("risk", "fit", *labels, "--out", card, "--policy", policy, "--policy-out", fitted),
        ("risk", "check", *labels, "--scorecard", card, "--lead", "lead_days"),
        ("replay", events, "--policy", fitted, "--engine", "offline", "--out", tmp_path / "again"),
    ]
    said = [stream_app(*words) for words in chain]
    assert [each.exit_code for each in said] == [0] * len(chain)
    assert load_policy(fitted).version == "default-1-fitted"
    assert "lead median" in said[-2].output
    lines = (tmp_path / "again" / "churn-risk.ndjson").read_text(encoding="utf-8").splitlines()
    assert {"watch", "high"} <= {json.loads(line)["to"] for line in lines}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "label", "auc", "lift"),
    [("expresso/calibration.csv.gz", "CHURN", 0.875, 2.33), ("iranian/customer_churn.csv", "Churn", 0.965, 5.6)],
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
