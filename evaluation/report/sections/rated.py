"""How the ratings were made, as part of the methods."""

from collections import Counter
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from evaluation.report import words
from evaluation.report.document import Cell, Section, Sentence, Table, number
from evaluation.report.facts.raters import RaterFacts
from evaluation.report.facts.visits import Visit
from evaluation.report.numbers import share, spread
from evaluation.report.sections import stated
from evaluation.report.telling import Telling
from evaluation.rules import background, guidelines

FIRST, LAST = 1, 5


def section(telling: Telling) -> Section:
    found = telling.found
    finished = sum(one.finished_at is not None for one in found.rated_by)
    told = (
        _who(telling, finished),
        *stated.of_the_raters(telling),
        _(
            "Raters were blind: they saw the requirement, the category names and the pictures"
            " under an opaque number, and neither condition nor participant, other raters'"
            " scores nor times. No model touched what they saw. Every change of a score is kept"
            " with its old value."
        ),
        _("Category names were shown as participants had written them, in no other language."),
        _languages(found.visits),
        _minutes(found.visits),
        _looked(found.visits),
        _("Scores of raters who had not finished count as they stand.")
        if finished < len(found.rated_by)
        else "",
        _repeats(telling),
    )
    return Section(
        key="rating",
        title=_("Rating"),
        sentences=[Sentence(text) for text in told if text],
        tables=(*_raters(telling), _anchors(telling)),
    )


def _who(telling: Telling, finished: int) -> str:
    found = telling.found
    rated_by = found.rated_by
    return _(
        "%(raters)d experts rated %(submissions)d submissions on %(criteria)d criteria from 1 to 5"
        " (full crossing: %(scores)d of %(expected)d scores are there). Each saw the submissions in"
        " a random order of their own, drawn from a stored seed. %(trained)d finished the training"
        " with anchored guidelines (%(practice)d practice submissions from outside the study in"
        " all); %(finished)d finished, after which no score of theirs could change."
    ) % {
        "raters": len(rated_by),
        "submissions": found.submissions,
        "criteria": len(found.analyses),
        "scores": found.scores,
        "expected": found.expected,
        "trained": sum(one.trained_at is not None for one in rated_by),
        "practice": sum(one.practice for one in rated_by),
        "finished": finished,
    }


def _languages(visits: Sequence[Visit]) -> str:
    counted = Counter(one.language for one in visits if one.language)
    if not counted:
        return _("In which language raters read the pages is not recorded.")
    told = ", ".join(f"{words.language(code)} ({n})" for code, n in sorted(counted.items()))
    missing = sum(not one.language for one in visits)
    if missing:
        told += ", " + _("not recorded (%d)") % missing
    return _("Language in which raters read a submission's page: %s.") % told


def _minutes(visits: Sequence[Visit]) -> str:
    minutes = [one.minutes for one in visits if one.minutes is not None]
    if not minutes:
        return _("How long raters took is not recorded.")
    return _(
        "Raters took %(minutes)s minutes for a submission (median [quartiles], n = %(n)d), from the"
        " first picture in view or the first score to its first handing in, breaks included."
    ) % {"minutes": spread(minutes), "n": len(minutes)}


def _looked(visits: Sequence[Visit]) -> str:
    """A submission without pictures is none that could be looked at."""
    watched = [one for one in visits if one.is_watched]
    if not watched:
        return _("Which pictures raters had in view is not recorded.")
    saw_all = [one for one in watched if one.saw_all]
    told = _(
        "%(scores)s of the scores were given with every picture of the submission in view at some"
        " time (at least half of it, for 0.3 seconds), in %(visits)s of the cases of a rater and a"
        " submission."
    ) % {
        "scores": share(sum(one.scores for one in saw_all), sum(one.scores for one in watched)),
        "visits": share(len(saw_all), len(watched)),
    }
    missing = sum(bool(one.pictures) for one in visits) - len(watched)
    if missing:
        told += " " + _("Of %(n)d more it is not recorded.") % {"n": missing}
    return told


def _repeats(telling: Telling) -> str:
    repeats = telling.protocol.rating.repeats
    if not repeats:
        return _("No submission was shown twice, so raters' agreement with themselves is unknown.")
    told = _("%(n)d submissions were shown to each rater a second time, late in the order.")
    return told % {"n": repeats}


def _raters(telling: Telling) -> Iterator[Table]:
    found = telling.found
    if not found.rated_by:
        return
    there = {key for one in found.rated_by for key in one.background}
    known = [item.key for item in background.BACKGROUND if item.key in there]
    keys = [*known, *sorted(there - set(known))]
    heads = [str(words.BACKGROUND.get(key, key)) for key in keys]
    yield Table(
        _("The raters: background, minutes per submission, pictures in view"),
        (_("Rater"), *heads, _("minutes: median [IQR]"), _("all pictures in view")),
        [
            (
                Cell(one.code),
                *(Cell(_answer(telling, one, key)) for key in keys),
                *_went(one, found.visits),
            )
            for one in found.rated_by
        ],
    )


def _answer(telling: Telling, rater: RaterFacts, key: str) -> str:
    value = rater.background.get(key)
    if value in (None, ""):
        return "–"
    labels = {
        choice.value: telling.text(choice.label)
        for item in background.BACKGROUND
        if item.key == key
        for choice in item.choices
    }
    return labels.get(str(value), str(value))


def _went(rater: RaterFacts, visits: Sequence[Visit]) -> Sequence[Cell]:
    own = [one for one in visits if one.rater == rater.code]
    minutes = [one.minutes for one in own if one.minutes is not None]
    watched = [one.saw_all for one in own if one.is_watched]
    return (
        number(spread(minutes)),
        number(share(sum(watched), len(watched)) if watched else "–"),
    )


def _anchors(telling: Telling) -> Table:
    """The anchors that raters had before them."""
    rows = []
    for criterion in telling.protocol.rating.criteria:
        of = {one.score: one.anchor for one in guidelines.points(criterion, telling.language)}
        anchors = (Cell(of.get(score) or "–") for score in range(FIRST, LAST + 1))
        rows.append((Cell(criterion.key.upper()), *anchors))
    scores = [str(score) for score in range(FIRST, LAST + 1)]
    return Table(_("What the scores of each criterion mean"), (_("Criterion"), *scores), rows)
