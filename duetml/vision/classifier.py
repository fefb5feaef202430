"""The classifier a participant trains: a linear SVM on frozen features, with honest confidences.

One weight vector per category (one against the rest). Confidences are softmax(decision /
temperature); the temperature is fitted on decisions for images that the SVM deciding had not seen
(Guo et al., "On Calibration of Modern Neural Networks", ICML 2017), with targets softened as Platt
(1999) does, without which a few well-separated images would claim 100 %.
"""

import io
import json
import platform
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal, Self

import numpy as np
import scipy
import sklearn
from numpy.typing import NDArray
from scipy.linalg import qr
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

# Used where a category has fewer images than folds. On photographs of animals, 2 per category, it
# came within 9 points of the true accuracy; it makes no claim to be right for other images, and
# `calibrated` is False.
DEFAULT_TEMPERATURE = 0.1
# Models for three folds have seen a third fewer images, which matters as long as these are few.
# Then more folds are dealt than the settings say, but no more than the smallest category has
# images: a fold must take the same share of every category, or its model leans to the others.
FEW_IMAGES = 1000
FOLDS_OF_FEW = 10
IMAGINED = 0.25  # of a mistake
LARGEST_LOG_TEMPERATURE = 6.0


class NotTrainable(Exception):  # noqa: N818 (a verdict, not a failure)
    """There is no classifier to be had from these images."""

    def __init__(self, reason: Literal["too_few_categories", "empty_category"]) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class SvmSettings:
    """All that shapes a fit besides the images; calibration is "temperature" or "none"."""

    c: float = 1.0
    calibration: str = "temperature"
    folds: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.calibration not in ("temperature", "none"):
            raise ValueError(f'calibration is "temperature" or "none", not {self.calibration!r}')
        if self.c <= 0 or self.folds < 2:
            raise ValueError("c must be positive and folds at least 2")


@dataclass(frozen=True)
class FitReport:
    """What is recorded of one fit."""

    n: int
    per_category: dict[str, int]
    calibrated: bool  # False where a category has fewer images than folds, or by the settings
    temperature: float | None
    settings: SvmSettings
    versions: dict[str, str]
    seconds: float = field(default=0.0, compare=False)  # 0 once loaded: no part of the model


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What models that had not seen an image said of it, for every image that was fitted.

    Each was made from the other folds only; the shares use the temperature of the whole classifier.
    """

    labels: tuple[str, ...]  # the columns, sorted
    shares: NDArray[np.float64]  # (n, k), the rows in the order the images were handed in
    folds: int


@dataclass(frozen=True, eq=False)
class Classifier:
    """A fitted classifier: plain arrays, stored and read back without trusting a pickle."""

    labels: tuple[str, ...]  # sorted
    weights: NDArray[np.float32]  # (k, d)
    bias: NDArray[np.float32]  # (k,)
    temperature: float
    report: FitReport
    held_out: HeldOut | None = None  # only just after fit, where it was calibrated; never stored

    def predict(self, features: NDArray[np.float32]) -> list[dict[str, float]]:
        """For each row of (n, d), a probability per label; those of one image add up to 1."""
        decisions = features.astype(np.float64) @ self.weights.T.astype(np.float64) + self.bias
        shares = softmax(decisions / self.temperature, axis=1)
        return [dict(zip(self.labels, row.tolist(), strict=True)) for row in shares]

    def to_bytes(self) -> bytes:
        """A NumPy archive without pickles; the same classifier always gives the same bytes."""
        facts = asdict(self.report) | {"seconds": 0.0}
        out = io.BytesIO()
        np.savez_compressed(
            out,
            weights=self.weights,
            bias=self.bias,
            temperature=np.float64(self.temperature),
            labels=_text(list(self.labels)),
            report=_text(facts),
        )
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The inverse of to_bytes. Raises ValueError for bytes that are not a stored classifier."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                facts = json.loads(stored["report"].tobytes())
                settings = SvmSettings(**facts.pop("settings"))
                loaded = cls(
                    labels=tuple(json.loads(stored["labels"].tobytes())),
                    weights=stored["weights"].astype(np.float32),
                    bias=stored["bias"].astype(np.float32),
                    temperature=float(stored["temperature"]),
                    report=FitReport(settings=settings, **facts),
                )
        except Exception as error:  # zipfile, zlib, NumPy and JSON each fail in their own way
            raise ValueError("These bytes are not a stored classifier.") from error
        k = len(loaded.labels)
        if loaded.weights.ndim != 2 or loaded.weights.shape[0] != k or loaded.bias.shape != (k,):
            raise ValueError("These bytes are not a stored classifier: its arrays disagree.")
        return loaded


def fit(
    features: NDArray[np.float32],
    labels: Sequence[str],
    settings: SvmSettings | None = None,
    categories: Sequence[str] | None = None,
) -> Classifier:
    """Fit on features (n, d) with one label each.

    `categories`, where given, are all categories of the workspace, so that an empty one is noticed.
    The result depends on which images are in which category and not on their order. Raises
    NotTrainable. `held_out` is None where nothing was calibrated (`report.calibrated`).
    """
    settings = settings or SvmSettings()
    began = time.perf_counter()
    names, codes, rows, order = _in_canonical_order(features, labels)
    if set(categories or ()) - set(names):
        raise NotTrainable("empty_category")
    if len(names) < 2:
        raise NotTrainable("too_few_categories")
    counts = Counter(labels)
    can_calibrate = settings.calibration == "temperature" and min(counts.values()) >= settings.folds
    short, axes = _shortened(rows)
    machine = _machine(settings).fit(short, codes)
    temperature, held_out = DEFAULT_TEMPERATURE, None
    if can_calibrate:
        dealt = _dealt(rows, codes, settings)
        decisions = _held_out_decisions(short, codes, settings, dealt)
        temperature = _fitted_temperature(decisions, codes)
        shares = softmax(decisions[np.argsort(order)] / temperature, axis=1)
        held_out = HeldOut(names, shares, len(set(dealt.tolist())))
    return Classifier(
        labels=names,
        weights=(_one_per_category(machine.coef_) @ axes).astype(np.float32),
        bias=_one_per_category(machine.intercept_[:, None])[:, 0].astype(np.float32),
        temperature=temperature,
        report=FitReport(
            n=len(rows),
            per_category={name: counts[name] for name in names},
            calibrated=can_calibrate,
            temperature=temperature,
            settings=settings,
            versions=_versions(),
            seconds=time.perf_counter() - began,
        ),
        held_out=held_out,
    )


def _in_canonical_order(
    features: NDArray[np.float32], labels: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.intp], NDArray[np.float64], list[int]]:
    """Sorted names, a code per row and the rows, however they were ordered when handed in.

    Last, where each of these rows stood in the input.
    """
    if len(features) != len(labels):
        raise ValueError(f"{len(features)} rows of features but {len(labels)} labels")
    rows = np.ascontiguousarray(features, dtype=np.float32)
    order = sorted(range(len(labels)), key=lambda i: (labels[i], rows[i].tobytes()))
    names = tuple(sorted(set(labels)))
    code_of = {name: code for code, name in enumerate(names)}
    codes = np.array([code_of[labels[i]] for i in order], dtype=np.intp)
    return names, codes, rows[order].astype(np.float64), order


def _shortened(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n, r) the rows in coordinates of their own, r = min(n, d), and (r, d) the axes of these.

    Turning the axes changes no linear SVM, and fewer numbers per image make each of the fits three
    times faster for 500 images. On one thread, whose sums are the same on every machine.
    """
    n, d = rows.shape
    if n >= d:
        return rows, np.eye(d)
    with threadpool_limits(1, user_api="blas"):
        axes, short = qr(rows.T, mode="economic")  # (d, r), (r, n)
    return np.ascontiguousarray(short.T), np.ascontiguousarray(axes.T)


def _machine(settings: SvmSettings) -> LinearSVC:
    return LinearSVC(C=settings.c, random_state=settings.seed, max_iter=10_000)


def _dealt(
    rows: NDArray[np.float64], codes: NDArray[np.intp], settings: SvmSettings
) -> NDArray[np.intp]:
    """A fold for each row: every category is shuffled and dealt out evenly, beginning at fold 0.

    An image that lies in several categories is held out of all of them at once.
    """
    sizes = np.bincount(codes)
    folds = settings.folds
    if len(codes) <= FEW_IMAGES:
        folds = max(folds, min(FOLDS_OF_FEW, int(sizes.min())))
    shuffled = np.random.default_rng(settings.seed).permutation(len(codes))
    by_category = shuffled[np.argsort(codes[shuffled], kind="stable")]
    dealt = np.empty(len(codes), dtype=np.intp)
    dealt[by_category] = np.concatenate([np.arange(size) % folds for size in sizes])
    first: dict[bytes, np.intp] = {}
    return np.array([first.setdefault(rows[i].tobytes(), dealt[i]) for i in range(len(rows))])


def _held_out_decisions(
    rows: NDArray[np.float64],
    codes: NDArray[np.intp],
    settings: SvmSettings,
    dealt: NDArray[np.intp],
) -> NDArray[np.float64]:
    """(n, k): what the SVMs fitted without a row's fold decide of that row."""
    decisions = np.full((len(codes), int(codes.max()) + 1), -1.0)
    for fold in np.unique(dealt):
        out = dealt == fold
        known = np.unique(codes[~out])  # all, unless a category's images are all alike
        if len(known) > 1:
            machine = _machine(settings).fit(rows[~out], codes[~out])
            said = _one_per_category(np.asarray(machine.decision_function(rows[out])).T)
            decisions[np.ix_(np.flatnonzero(out), known)] = said.T
    return decisions


def _fitted_temperature(decisions: NDArray[np.float64], codes: NDArray[np.intp]) -> float:
    """The temperature of least cross-entropy on out-of-fold decisions, towards softened targets."""
    targets = _softened_targets(codes, decisions.shape[1])

    def cross_entropy(log_temperature: float) -> float:
        shares = log_softmax(decisions / np.exp(log_temperature), axis=1)
        return -float((targets * shares).sum())

    limits = (-LARGEST_LOG_TEMPERATURE, LARGEST_LOG_TEMPERATURE)
    best = minimize_scalar(cross_entropy, bounds=limits, method="bounded")
    return float(np.exp(best.x))


def _softened_targets(codes: NDArray[np.intp], k: int) -> NDArray[np.float64]:
    """Nearly 1 for the own category, the rest shared by the others.

    As if, among all n images, there had been a quarter of a mistake more and a quarter of a hit:
    that keeps the temperature above zero where no real mistake was made. Laplace's whole one left
    the confidences 5 points too low on photographs, a quarter 1 (BENCHMARKS.md).
    """
    n = len(codes)
    own = (n + IMAGINED) / (n + 2 * IMAGINED)
    targets = np.full((n, k), (1 - own) / (k - 1))
    targets[np.arange(n), codes] = own
    return targets


def _one_per_category(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two categories share one decision function in scikit-learn: above 0 is the second."""
    values = np.atleast_2d(values)
    return np.concatenate([-values, values]) if len(values) == 1 else values


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }


def _text(value: object) -> NDArray[np.uint8]:
    """Text as bytes in an array: NumPy's own string type would cut trailing zeros."""
    encoded = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    return np.frombuffer(encoded, dtype=np.uint8)
