"""How far a rater has come, and what comes next."""

from enum import StrEnum


class Stage(StrEnum):
    BACKGROUND = "background"
    TRAINING = "training"
    RATING = "rating"
    WAITING = "waiting"  # all are submitted; more may come
    FINISH = "finish"
    GUESS = "guess"
    DONE = "done"


def stage_of(
    *,
    described: bool,
    trained: bool,
    left: int,
    more_may_come: bool,
    finished: bool,
    guess_asked: bool,
    guessed: bool,
) -> Stage:
    """What comes next for a rater; `left`: submissions that are not submitted yet."""
    if finished:
        return Stage.GUESS if guess_asked and not guessed else Stage.DONE
    if not described:
        return Stage.BACKGROUND
    if not trained:
        return Stage.TRAINING
    if left:
        return Stage.RATING
    return Stage.WAITING if more_may_come else Stage.FINISH
