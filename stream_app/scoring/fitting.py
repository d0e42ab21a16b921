"""From a labelled table to a scorecard: choose the stiffness by cross-validation, fit, round to points."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from math import exp, inf, log
from random import Random
from statistics import mean
from typing import NamedTuple

from stream_app.scoring.additive import Coded, Model, fit, isotonic
from stream_app.scoring.binning import Column, Cut, cut
from stream_app.scoring.kernel import Known
from stream_app.scoring.measures import Reached, auc, ladder, lift
from stream_app.scoring.scorecard import Bin, Evidence, Levels, Scorecard, Share, Weighed

STIFFNESS = (
    10_000.0,
    3_000.0,
    1_000.0,
    300.0,
    80.0,
    20.0,
    5.0,
    1.0,
)  # how strongly neighbouring bins are held to a line
PATIENCE = 2  # so often may less stiffness do worse before no less is tried
SPAN = 100  # points between the rare low and the rare high
RARE = 0.002
MOST_POINTS_PER_LOG_ODDS, LEAST_POINTS_PER_LOG_ODDS = 30.0, 4.0
LEVEL_SHARES = (0.1, 0.04, 0.01)  # watch, high, critical: of all customers
LEAST_STEP_ROWS = 50  # a step of the calibration rests on so many rows


class Sample(NamedTuple):
    """Columns and labels, row by row; `twins` numbers each row's group of equal rows."""

    columns: Sequence[Column]
    labels: Sequence[bool]
    twins: Sequence[int]
    weights: Sequence[float]  # how many customers each row stands for

    def balanced(self) -> list[float]:
        """Give the weights within leavers and within stayers: how the two were drawn moves the level alone."""
        sums, counts = [0.0, 0.0], [0, 0]
        for label, weight in zip(self.labels, self.weights, strict=True):
            sums[label] += weight
            counts[label] += 1
        pairs = zip(self.labels, self.weights, strict=True)
        return [weight * counts[label] / sums[label] for label, weight in pairs]


class Scale(NamedTuple):
    """How log odds become points."""

    points_per_log_odds: float
    zero: float  # the log odds of a score of 0

    def points(self, log_odds: float) -> int:
        """Round to whole points."""
        return round(log_odds * self.points_per_log_odds)


class Part(NamedTuple):
    """A model of some rows, with its cuts."""

    cuts: Sequence[Cut]
    codes: Sequence[Sequence[int]]
    model: Model

    def log_odds(self, row: int) -> float:
        """Give a row's log odds."""
        pairs = zip(self.model.log_odds, self.codes, strict=True)
        return self.model.intercept + sum(values[codes[row]] for values, codes in pairs)

    def pointed(self, scale: Scale) -> tuple[int, list[list[int]]]:
        """Give base and points by bin."""
        base = scale.points(self.model.intercept - scale.zero)
        return base, [[scale.points(value) for value in values] for values in self.model.log_odds]


def fit_scorecard(sample: Sample, folds: int, seed: int) -> Scorecard:
    """Fit a scorecard; its calibration and figures are those of rows that their model had not seen."""
    fold_of = folds_of(sample, folds, seed)
    best, parts = _best(sample, fold_of, folds)
    scale = _scale([parts[fold].log_odds(row) for row, fold in enumerate(fold_of)])
    scores = _scores(fold_of, parts, scale)
    *_, whole = islice(_path(sample, range(len(sample.labels))), best + 1)
    base, indicators = _indicators(sample, whole, scale)
    auc_of_folds, lift_of_folds = _figures(scores, sample, fold_of)
    about: dict[str, int | float | str] = {
        "rows": len(sample.labels),
        "churned": sum(sample.labels),
        "folds": folds,
        "seed": seed,
        "stiffness": STIFFNESS[best],
        "auc": round(auc_of_folds, 4),
        "top_decile_lift": round(lift_of_folds, 3),
    }
    calibration = tuple(_calibration(scores, sample))
    return Scorecard(base, tuple(indicators), calibration, about, levels=_levels(scores, sample))


def folds_of(sample: Sample, folds: int, seed: int) -> list[int]:
    """Deal rows out to folds, leavers and stayers alike; equal rows go together, lest a fold knows what it is asked."""
    dice, found = Random(seed), {}
    for label in (True, False):
        groups = sorted({twin for twin, at in zip(sample.twins, sample.labels, strict=True) if at is label})
        dice.shuffle(groups)
        found.update({(twin, label): place % folds for place, twin in enumerate(groups)})
    return [found[twin, label] for twin, label in zip(sample.twins, sample.labels, strict=True)]


def _best(sample: Sample, fold_of: Sequence[int], folds: int) -> tuple[int, Sequence[Part]]:
    """Find the stiffness whose models are least surprised by rows not seen; give its place, and the models."""
    paths = [_path(sample, [row for row, at in enumerate(fold_of) if at != fold]) for fold in range(folds)]
    best, least, found = 0, inf, list[Part]()
    for place, parts in enumerate(zip(*paths, strict=True)):
        loss = _loss(sample, fold_of, parts)
        if loss < least:
            best, least, found = place, loss, list(parts)
        elif place - best >= PATIENCE:
            break
    return best, found


def _path(sample: Sample, rows: Sequence[int]) -> Iterator[Part]:
    """Fit the same rows ever less stiff, each from where the one before ended."""
    cuts = [cut(column, rows) for column in sample.columns]
    codes = [at.codes(column.values) for at, column in zip(cuts, sample.columns, strict=True)]
    coded = [
        Coded([each[row] for row in rows], at.named if at.ordered else 0, at.size)
        for at, each in zip(cuts, codes, strict=True)
    ]
    weights = sample.balanced()
    known = Known([sample.labels[row] for row in rows], [weights[row] for row in rows])
    model: Model | None = None
    sizes = [Counter(each.codes) for each in coded]
    for stiffness in STIFFNESS:
        model = fit(coded, known, stiffness, model)
        yield Part(cuts, codes, _centred(model, sizes))


def _centred(model: Model, sizes: Sequence[Counter[int]]) -> Model:
    """Move each column's mean to the intercept: points then say what is above or below the usual."""
    intercept, centred = model.intercept, []
    for values, rows in zip(model.log_odds, sizes, strict=True):
        usual = sum(values[code] * count for code, count in rows.items()) / rows.total()
        intercept += usual
        centred.append(tuple(value - usual for value in values))
    return Model(intercept, tuple(centred), model.tilts)


def _loss(sample: Sample, fold_of: Sequence[int], parts: Sequence[Part]) -> float:
    """Give the mean log loss of rows that their model has not seen."""
    return sum(
        weight * _surprise(parts[fold].log_odds(row), label=label)
        for row, (fold, label, weight) in enumerate(zip(fold_of, sample.labels, sample.balanced(), strict=True))
    ) / len(fold_of)


def _surprise(log_odds: float, *, label: bool) -> float:
    away = -log_odds if label else log_odds
    return max(away, 0.0) + log(1 + exp(-abs(away)))


def _scale(log_odds: Sequence[float]) -> Scale:
    """Lay all but the rarest rows between 0 and 100 points."""
    ranked = sorted(log_odds)
    low, high = ranked[int(RARE * len(ranked))], ranked[int((1 - RARE) * (len(ranked) - 1))]
    wanted = SPAN / max(high - low, 1e-9)
    points = round(min(MOST_POINTS_PER_LOG_ODDS, max(LEAST_POINTS_PER_LOG_ODDS, wanted)), 3)
    return Scale(points, round(low, 6))


def _scores(fold_of: Sequence[int], parts: Sequence[Part], scale: Scale) -> list[int]:
    pointed = [part.pointed(scale) for part in parts]
    found = []
    for row, fold in enumerate(fold_of):
        base, points = pointed[fold]
        found.append(base + sum(each[codes[row]] for each, codes in zip(points, parts[fold].codes, strict=True)))
    return found


def _figures(scores: Sequence[int], sample: Sample, fold_of: Sequence[int]) -> tuple[float, float]:
    """Give AUC and lift, the mean of the folds: scores of different folds' models stand on bases of their own."""
    rows = list(zip(scores, sample.labels, sample.weights, fold_of, strict=True))
    ladders = []
    for fold in sorted(set(fold_of)):
        kept = [each for *each, at in rows if at == fold]
        ladders.append(ladder(*zip(*kept, strict=True)))
    return mean(auc(each) for each in ladders), mean(lift(each) for each in ladders)


def _levels(scores: Sequence[int], sample: Sample) -> Levels:
    """Find the scores that so many customers reach, as a policy takes them: rising, from 1 to 101."""
    steps = ladder(scores, sample.labels, sample.weights)
    watch, high, critical = (
        next(step.score for step in steps if step.rows >= share * steps[-1].rows) for share in LEVEL_SHARES
    )
    watch = min(max(watch, 1), 99)
    high = min(max(high, watch + 1), 100)
    return Levels(watch, high, min(max(critical, high + 1), 101))


def _calibration(scores: Sequence[int], sample: Sample) -> Iterator[Share]:
    """Say how many of a thousand left from each score on; never fewer at a higher one."""
    steps = list(_steps(scores, sample))
    shares = isotonic([churned / rows for _, rows, churned in steps], [rows for _, rows, _ in steps])
    before = -1
    for step, share in zip(steps, shares, strict=True):
        if round(1000 * share) != before:
            before = round(1000 * share)
            yield Share(step.score, before)


def _steps(scores: Sequence[int], sample: Sample) -> Iterator[Reached]:
    """Lay the scores into steps of enough rows, the lowest first."""
    held: list[tuple[int, bool, float]] = []
    for _, group in groupby(sorted(zip(scores, sample.labels, sample.weights, strict=True)), key=lambda each: each[0]):
        held += group
        if len(held) >= LEAST_STEP_ROWS:
            yield _reached(held)
            held = []
    if held:
        yield _reached(held)


def _reached(held: Sequence[tuple[int, bool, float]]) -> Reached:
    return Reached(held[0][0], sum(weight for *_, weight in held), sum(weight for _, label, weight in held if label))


def _indicators(sample: Sample, part: Part, scale: Scale) -> tuple[int, list[Weighed]]:
    base, points = part.pointed(scale)
    parts = zip(sample.columns, part.cuts, part.codes, points, strict=True)
    found = [weighed(column, at, _evidence(codes, at.size, sample), given) for column, at, codes, given in parts]
    return base, [each for each in found if any((*(piece.points for piece in each.bins), each.missing, each.others))]


def _evidence(codes: Sequence[int], size: int, sample: Sample) -> list[Evidence]:
    rows, churned = [0.0] * size, [0.0] * size
    for code, label, weight in zip(codes, sample.labels, sample.weights, strict=True):
        rows[code] += weight
        churned[code] += weight * label
    return [Evidence(count, part) for count, part in zip(rows, churned, strict=True)]


def weighed(column: Column, at: Cut, evidence: Sequence[Evidence], points: Sequence[int]) -> Weighed:
    """Lay a column's bins out, neighbours and words of the same points as one."""
    total = _sum(evidence)
    notes = [each._replace(weight=_weight(each, total)) for each in evidence]
    bins = _ranges(at, evidence, points) if at.ordered else _words(at, evidence, points)
    parts = [(each, note._replace(weight=_weight(note, total))) for each, note in bins]
    return Weighed(
        column.name,
        column.kind,
        tuple(each for each, _ in parts),
        points[at.named] if evidence[at.named].rows else 0,
        points[at.named + 1] if evidence[at.named + 1].rows else 0,
        (*(note for _, note in parts), *notes[at.named :]),
    )


def _ranges(at: Cut, evidence: Sequence[Evidence], points: Sequence[int]) -> Iterator[tuple[Bin, Evidence]]:
    bounds = [None, *at.bounds, None]
    for worth, group in groupby(range(at.named), key=lambda code: points[code]):
        codes = list(group)
        yield Bin(worth, bounds[codes[0]], bounds[codes[-1] + 1]), _sum([evidence[code] for code in codes])


def _words(at: Cut, evidence: Sequence[Evidence], points: Sequence[int]) -> Iterator[tuple[Bin, Evidence]]:
    ranked = sorted(range(at.named), key=lambda code: (-points[code], at.words[code]))
    for worth, group in groupby(ranked, key=lambda code: points[code]):
        codes = list(group)
        yield Bin(worth, words=tuple(at.words[code] for code in codes)), _sum([evidence[code] for code in codes])


def _sum(evidence: Sequence[Evidence]) -> Evidence:
    return Evidence(sum(each.rows for each in evidence), sum(each.churned for each in evidence))


def _weight(part: Evidence, total: Evidence) -> float:
    """Give the weight of evidence; half a row on each side, so that a bin of one kind alone has one too."""
    left = (part.churned + 0.5) / (total.churned + 0.5)
    stayed = (part.rows - part.churned + 0.5) / (total.rows - total.churned + 0.5)
    return round(log(left / stayed), 3)
