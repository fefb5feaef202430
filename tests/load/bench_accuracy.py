"""How accurate and how honest the classifier is on real photographs.

python -m tests.load.bench_accuracy       (make bench)

Accuracy with ten images per category, 20 draws, next to the bare baseline: the same features of
length 1, scikit-learn's SVC(kernel="linear", C=1). Then the calibration error of the confidences
shown, and how often the interval shown with the accuracy of the folds holds the accuracy on fresh
images. Ends with an error where ours is more than a point below the baseline.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.svm import SVC

from duetml.vision.backbone import Features
from duetml.vision.classifier import Classifier, fit
from duetml.vision.quality import quality
from tests.load.photographs import embedded, or_leave, say, usages
from tests.stack import ROOT

DRAWS = 20
EACH = 10
MOST_BELOW = 1.0  # points
SIZES = (2, 3, 5, 10, 20)  # images per category
COUNTS = (2, 5, 10, 28)  # categories
BINS = 10
KINDS_IN_A_GROUP = 5
Places = Sequence[np.ndarray]  # of each category's photographs


@dataclass
class Said:
    """What a classifier said of fresh images: how sure it was, and whether it was right."""

    sure: np.ndarray
    right: np.ndarray


def main() -> None:
    or_leave()
    sets = {folder: embedded(folder) for folder in ("animals", "objects")}
    missed = [accuracy(folder, *found) for folder, found in sets.items()]
    calibration(*sets["animals"])
    coverage(sets)
    if any(missed):
        sys.exit(f"bench_accuracy: more than {MOST_BELOW} points below the baseline")


def accuracy(folder: str, features: Features, kinds: np.ndarray) -> bool:
    """Whether it missed."""
    places = [np.flatnonzero(kinds == kind) for kind in np.unique(kinds)]
    ours, bare = [], []
    for seed in range(DRAWS):
        trained, fresh, codes = drawn(places, EACH, np.random.default_rng(seed))
        truth = [code for code, some in enumerate(fresh) for _ in some]
        rows = features[np.concatenate(fresh)]
        classifier = fit(features[trained], [f"{code:02}" for code in codes])
        ours.append(np.mean(decisions(classifier, rows).argmax(axis=1) == truth))
        machine = SVC(kernel="linear", C=1.0).fit(features[trained], codes)
        bare.append(np.mean(machine.predict(rows) == truth))
    if folder == "animals":
        say(f"| {EACH} images per category, {DRAWS} draws | bare | ours | difference |")
        say("|---|---|---|---|")
    difference = 100 * float(np.mean(ours) - np.mean(bare))
    shown = f"{100 * np.mean(bare):.1f} % | {100 * np.mean(ours):.1f} % | {difference:+.1f}"
    say(f"| {folder}, {len(places)} categories | {shown} |")
    return difference < -MOST_BELOW


def calibration(features: Features, kinds: np.ndarray) -> None:
    say("\n| categories | " + " | ".join(f"{size} each" for size in SIZES) + " |")
    say("|---|" + "---|" * len(SIZES))
    names = np.unique(kinds)
    for count in COUNTS:
        cells = []
        for size in SIZES:
            said = [
                tested(features, kinds, np.random.default_rng(seed), count, size, names)
                for seed in range(max(3, 60 // count))
            ]
            sure = np.concatenate([one.sure for one in said])
            right = np.concatenate([one.right for one in said])
            off = 100 * (sure.mean() - right.mean())
            cells.append(f"{100 * expected_error(sure, right):.1f} ({off:+.1f})")
        say(f"| {count} | " + " | ".join(cells) + " |")


def tested(
    features: Features,
    kinds: np.ndarray,
    rng: np.random.Generator,
    count: int,
    size: int,
    names: np.ndarray,
) -> Said:
    chosen = rng.choice(names, count, replace=False)
    trained, fresh, codes = drawn([np.flatnonzero(kinds == one) for one in chosen], size, rng)
    classifier = fit(features[trained], [f"{code:02}" for code in codes])
    truth = np.array([code for code, some in enumerate(fresh) for _ in some])
    shares = np.array(
        [list(one.values()) for one in classifier.predict(features[np.concatenate(fresh)])]
    )
    return Said(shares.max(axis=1), shares.argmax(axis=1) == truth)


def expected_error(sure: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error over BINS equal bins of confidence (Guo et al. 2017)."""
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    parts = [
        abs(sure[bins == one].mean() - right[bins == one].mean()) * np.mean(bins == one)
        for one in np.unique(bins)
    ]
    return float(sum(parts))


def coverage(sets: Mapping[str, tuple[Features, np.ndarray]]) -> None:
    say("\n| cross-validated accuracy | images each | holds | fresh images worse | better |")
    say("|---|---|---|---|---|")
    for what, size in ((what, size) for what in ("kinds", "groups") for size in (5, 10, 20, 50)):
        found = list(intervals(sets, what, size))
        if not found:
            continue
        worse = np.mean([fresh < low for low, _, fresh in found])
        better = np.mean([fresh > high for _, high, fresh in found])
        shown = " | ".join(f"{100 * one:.0f} %" for one in (1 - worse - better, worse, better))
        say(f"| {what} | {size} | {shown} |")


def intervals(
    sets: Mapping[str, tuple[Features, np.ndarray]], what: str, size: int
) -> Iterator[tuple[float, float, float]]:
    """(low, high, accuracy on fresh images) of many draws with at least 15 fresh ones of each."""
    rng = np.random.default_rng(size)
    for number in range(120):
        folder = ("animals", "objects")[number % 2]
        features, kinds = sets[folder]
        everything = categories(what, folder, kinds, rng)
        places = [one for one in everything if len(one) >= size + 15]
        count = int(rng.choice([2, 3, 5]))
        if len(places) < count:
            continue
        chosen = [places[i] for i in rng.choice(len(places), count, replace=False)]
        trained, fresh, codes = drawn(chosen, size, rng)
        labels = [str(code) for code in codes]
        classifier = fit(features[trained], labels)
        if classifier.held_out is None:
            raise AssertionError("too few images for folds")
        found = quality(labels, classifier.held_out)
        right = [
            np.mean(decisions(classifier, features[some]).argmax(axis=1) == code)
            for code, some in enumerate(fresh)
        ]
        yield found.low, found.high, float(np.mean(right))


def categories(what: str, folder: str, kinds: np.ndarray, rng: np.random.Generator) -> Places:
    """Single kinds; or groups: objects by what they are for, animals five kinds together."""
    names = np.unique(kinds)
    if what == "kinds":
        return [np.flatnonzero(kinds == name) for name in names]
    if folder == "objects":
        usage = usages()
        of = np.array([usage[kind] for kind in kinds])
        return [np.flatnonzero(of == name) for name in np.unique(of)]
    shuffled = rng.permutation(names)
    groups = [shuffled[i : i + KINDS_IN_A_GROUP] for i in range(0, len(names), KINDS_IN_A_GROUP)]
    return [np.flatnonzero(np.isin(kinds, group)) for group in groups]


def drawn(
    places: Places, size: int, rng: np.random.Generator
) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """(images to train on, the others by category, the category of each to train on)"""
    mixed = [rng.permutation(one) for one in places]
    trained = np.concatenate([one[:size] for one in mixed])
    return trained, [one[size:] for one in mixed], np.repeat(np.arange(len(places)), size)


def decisions(classifier: Classifier, rows: Features) -> np.ndarray:
    found: np.ndarray = rows @ classifier.weights.T + classifier.bias
    return found


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
