"""Counting in how many ways a group can reach each sum of ranks.

Source: Streitberg & Röhmel (1986), Stat. Softw. Newsl. 12:10-17 (the shift algorithm: a recursion
over integer scores, which takes ties as they are).
"""

import numpy as np
from numpy.typing import NDArray


def doubled_midranks(pooled: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Twice the midrank of each value, which is an integer, and the size of each tied set."""
    _, which, sizes = np.unique(pooled, return_inverse=True, return_counts=True)
    tie_sizes = sizes.astype(np.int64)
    doubled = 2 * np.cumsum(tie_sizes) - tie_sizes + 1
    return doubled[which], tie_sizes


def compact(ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same scores from 0 in the smallest whole steps: the table of counts stays small."""
    shifted = ranks - ranks.min()
    steps: NDArray[np.int64] = shifted // max(1, int(np.gcd.reduce(shifted)))
    return steps


def additions(scores: NDArray[np.int64], chosen: int) -> int:
    """About how many additions sums_of_choices makes."""
    of_all = (chosen + 1) * (int(np.sort(scores)[len(scores) - chosen :].sum()) + 1) * len(scores)
    return of_all // 3  # the unreachable corners of the table are left out


def sums_of_choices(scores: NDArray[np.int64], chosen: int) -> NDArray[np.float64]:
    """How many of the ways to choose ``chosen`` scores have the sum s, for s = 0 … the largest.

    Scores are integers from 0. In ascending order the table grows from its corner.
    """
    ordered = np.sort(scores).tolist()
    number = len(ordered)
    largest = sum(ordered[number - chosen :])
    counts = np.zeros((chosen + 1, largest + 1))  # [how many chosen so far, their sum]
    counts[0, 0] = 1
    for place, score in enumerate(ordered):
        fewest, most = max(1, chosen - (number - 1 - place)), min(place + 1, chosen)
        reach = sum(ordered[max(0, place + 1 - chosen) : place + 1]) + 1
        # numpy copies the right side where it overlaps, so a score is never chosen twice
        counts[fewest : most + 1, score:reach] += counts[fewest - 1 : most, : reach - score]
    with_all_chosen: NDArray[np.float64] = counts[chosen]
    return with_all_chosen
