"""The SVM: the very solution scikit-learn comes to, also for a part of the images."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.svm import LinearSVC

from duetml.vision import svm
from duetml.vision.svm import inner_products, inside_margins, solve
from tests.unit.test_classifier import clouds


def problem(k: int, each: int, noise: float) -> tuple[svm.Numbers, np.ndarray]:
    features, labels = clouds(k, each, noise=noise)
    return features.astype(np.float64), np.array([ord(label) - ord("a") for label in labels])


def oracle(rows: svm.Numbers, codes: np.ndarray, c: float) -> svm.Numbers:
    """(n, k): the decisions of scikit-learn's machine for all rows."""
    machine = LinearSVC(C=c, tol=1e-10, max_iter=1_000_000, random_state=0).fit(rows, codes)
    found: svm.Numbers = machine.decision_function(rows)
    return found


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 6), st.integers(2, 9), st.floats(0.1, 3), st.sampled_from([0.1, 1.0, 10.0]))
def test_the_decisions_are_those_of_scikit_learn(k: int, each: int, noise: float, c: float) -> None:
    rows, codes = problem(k, each, noise)
    products = inner_products(rows)
    decisions = products @ solve(products, codes, c, np.ones(len(codes), dtype=np.bool_))
    np.testing.assert_allclose(decisions, oracle(rows, codes, c), atol=1e-4)


def test_images_that_are_not_used_have_no_say() -> None:
    rows, codes = problem(3, 20, noise=1.5)
    used = np.arange(len(codes)) % 4 != 0
    products = inner_products(rows)
    part = solve(products, codes, 1.0, used)
    alone = solve(inner_products(rows[used]), codes[used], 1.0, np.ones(used.sum(), dtype=np.bool_))
    assert not part[~used].any()
    np.testing.assert_allclose(part[used], alone, atol=1e-9)


def test_a_guess_to_start_from_changes_no_result() -> None:
    rows, codes = problem(4, 30, noise=1.5)
    products = inner_products(rows)
    everything = np.ones(len(codes), dtype=np.bool_)
    whole = solve(products, codes, 1.0, everything)
    used = np.arange(len(codes)) % 3 != 0
    guess = inside_margins(products @ whole, codes)
    np.testing.assert_allclose(
        solve(products, codes, 1.0, used, guess), solve(products, codes, 1.0, used), atol=1e-9
    )


def test_many_images_are_solved_by_way_of_half_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, codes = problem(4, 30, noise=1.5)
    products = inner_products(rows)
    everything = np.ones(len(codes), dtype=np.bool_)
    whole = solve(products, codes, 1.0, everything)
    monkeypatch.setattr(svm, "HALVE_ABOVE", 20)
    np.testing.assert_allclose(solve(products, codes, 1.0, everything), whole, atol=1e-9)


def test_the_same_image_in_two_categories_is_no_trouble() -> None:
    rows, codes = problem(2, 5, noise=0.5)
    twice = np.concatenate([rows, rows[:1]])
    codes = np.concatenate([codes, [1]])
    products = inner_products(twice)
    found = solve(products, codes, 1.0, np.ones(len(codes), dtype=np.bool_))
    assert np.isfinite(found).all()
