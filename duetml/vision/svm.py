"""Linear SVMs, one category against the rest, solved exactly and many at a time.

The problem is that of scikit-learn's LinearSVC: half the squared length of the weights (the bias
counts as one of them) plus c times the sum of squared hinge losses. It is solved by Newton's method
on the images' inner products (Chapelle, "Training a Support Vector Machine in the Primal", Neural
Computation 2007): where the images inside the margin are known, the solution is one system of
linear equations, and a few rounds find them. For the hundreds of images people have that is several
times faster than LinearSVC, and the models for the folds start from the solution for all images.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from threadpoolctl import threadpool_limits

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

ROUNDS = 100  # five to ten are usual
SMALLEST_STEP = 1e-6
HALVE_ABOVE = 1000  # images: many more than that first start from the solution for every second


def inner_products(rows: Numbers) -> Numbers:
    """(n, n): of every image with every other, the bias counted as a feature that is always 1."""
    _compute_on_one_thread()
    return rows @ rows.T + 1


def solve(
    products: Numbers, codes: NDArray[np.intp], c: float, used: Mask, start: Mask | None = None
) -> Numbers:
    """The coefficients (n, k) of the images in each category's SVM; 0 for images not `used`.

    `products @ coefficients` are the decisions for all n images. `start`: images (n, k) thought to
    lie inside the margins, which changes the time and not the result.
    """
    signs = _signs(codes)
    inside = (_guessed(products, codes, c, used) if start is None else start) & used[:, None]
    coefficients = decisions = np.zeros_like(signs)
    for _ in range(ROUNDS):
        target = _solved_for(products, signs, inside, c)
        coefficients, decisions, whole = _step(
            (coefficients, decisions), (target, products @ target), signs, used, c
        )
        now_inside = inside_margins(decisions, codes) & used[:, None]
        if whole and (now_inside == inside).all():
            break
        inside = now_inside
    return coefficients


def inside_margins(decisions: Numbers, codes: NDArray[np.intp]) -> Mask:
    """(n, k): the images that cost something, being on the wrong side of a margin."""
    inside: Mask = _signs(codes) * decisions < 1
    return inside


def _guessed(products: Numbers, codes: NDArray[np.intp], c: float, used: Mask) -> Mask:
    """Solved for every second image; they are sorted by category, so that this is a fair sample."""
    places = np.flatnonzero(used)
    if len(places) <= HALVE_ABOVE:
        return np.ones((len(codes), int(codes.max()) + 1), dtype=np.bool_)
    half = np.zeros_like(used)
    half[places[::2]] = True
    return inside_margins(products @ solve(products, codes, c, half), codes)


def _signs(codes: NDArray[np.intp]) -> Numbers:
    return np.where(codes[:, None] == np.arange(codes.max() + 1), 1.0, -1.0)


def _solved_for(products: Numbers, signs: Numbers, inside: Mask, c: float) -> Numbers:
    """The exact solution, were these the images inside the margin of each category."""
    target = np.zeros_like(signs)
    for mask in np.unique(inside, axis=1).T:
        alike = np.flatnonzero((inside == mask[:, None]).all(axis=0))
        places = np.flatnonzero(mask)
        system = products[np.ix_(places, places)]
        system[np.diag_indices(len(places))] += 1 / (2 * c)
        factor = cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
        target[np.ix_(places, alike)] = cho_solve(factor, signs[np.ix_(places, alike)])
    return target


def _step(
    here: tuple[Numbers, Numbers],
    there: tuple[Numbers, Numbers],
    signs: Numbers,
    used: Mask,
    c: float,
) -> tuple[Numbers, Numbers, bool]:
    """Go from `here` to `there` (coefficients, decisions), for each category only as far as its
    cost falls; and whether that was all the way for all."""
    step = np.ones(signs.shape[1])
    cost = _cost(*here, signs, used, c)
    while True:
        coefficients = here[0] + step * (there[0] - here[0])
        decisions = here[1] + step * (there[1] - here[1])
        worse = _cost(coefficients, decisions, signs, used, c) > cost * (1 + 1e-12)
        worse &= step > SMALLEST_STEP
        if not worse.any():
            return coefficients, decisions, bool((step == 1).all())
        step[worse] /= 2


def _cost(
    coefficients: Numbers, decisions: Numbers, signs: Numbers, used: Mask, c: float
) -> Numbers:
    losses = np.maximum(1 - signs * decisions, 0)[used] ** 2
    cost: Numbers = (coefficients * decisions).sum(axis=0) / 2 + c * losses.sum(axis=0)
    return cost


@lru_cache(maxsize=1)
def _compute_on_one_thread() -> None:
    """For this process from now on: the same sums in the same order on every machine, and no
    threads that wait for each other where other work keeps the cores busy."""
    threadpool_limits(1, user_api="blas")
