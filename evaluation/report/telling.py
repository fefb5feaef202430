"""What every section is given, and the words that several use."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation.report.words import RULES, Words, coded, named
from evaluation.stats.contrast import Contrast
from evaluation.stats.interval import Interval
from evaluation.work.results import Results
from study.models import Study
from study.rules.protocol import ProtocolFile, words

SCALES: dict[str, Words] = {
    "sus": gettext_lazy("SUS (0–100, higher is better)"),
    "raw_tlx": gettext_lazy("Raw NASA-TLX (0–100, lower is better)"),
    "ueq_s": gettext_lazy("UEQ-S (−3 to 3, higher is better)"),
    "ueq_s.pragmatic": gettext_lazy("UEQ-S, pragmatic quality (−3 to 3)"),
    "ueq_s.hedonic": gettext_lazy("UEQ-S, hedonic quality (−3 to 3)"),
}
BOUNDS = {"sus": (0.0, 100.0), "raw_tlx": (0.0, 100.0), "ueq_s": (-3.0, 3.0)}
MEASURES: dict[str, Words] = {
    "seconds_to_first_training": gettext_lazy("Seconds until the first training"),
    "trainings": gettext_lazy("Trainings"),
    "tests": gettext_lazy("Tests"),
    "edits": gettext_lazy("Edits of the training data"),
    "edits_per_category": gettext_lazy("Edits per category"),
    "categories": gettext_lazy("Categories at the end"),
    "pictures": gettext_lazy("Different pictures used"),
    "coverage": gettext_lazy("Coverage: share of the offered pictures that were used"),
    "balance": gettext_lazy("Balance of the categories (Pielou's evenness, 0–1)"),
    "overlap": gettext_lazy("Overlap: share of pictures whose nearest one is in another category"),
    "messages_chat": gettext_lazy("Messages typed in the chat"),
    "messages_ask_data": gettext_lazy("Questions by button about the data"),
    "messages_ask_test": gettext_lazy("Questions by button about a test"),
    "advice_reactive": gettext_lazy("Answers of the reactive agent"),
    "advice_proactive": gettext_lazy("Pieces of advice of the proactive agent"),
    "advice_taken_up": gettext_lazy("Pieces of advice that were taken up"),
    "share_taken_up": gettext_lazy("Share of the advice that was taken up"),
}
WHY: dict[str, Words] = {
    "empty_group": gettext_lazy("a condition has no values"),
    "no_variation": gettext_lazy("all values are the same"),
    "too_few": gettext_lazy("too few values"),
    "complete_separation": gettext_lazy("the groups are completely separated"),
    "perfect_agreement": gettext_lazy("perfect agreement leaves no error to estimate"),
    "too_large": gettext_lazy("too many different values"),
    "unstable": gettext_lazy("the data do not determine the bounds"),
    "not_positive": gettext_lazy("the variance is estimated as not positive"),
    "no_pairs": gettext_lazy("nobody was scored by two raters"),
    "no_mixed_block": gettext_lazy("no block holds both conditions"),
}


@dataclass(frozen=True)
class Telling:
    """A study's results in the active language. `text`: a protocol's words in it."""

    study: Study
    protocol: ProtocolFile
    found: Results
    language: str

    def text(self, of: dict[str, str]) -> str:
        return " ".join(words(of, self.language).split())

    def step_title(self, key: str) -> str:
        return next((self.text(s.title) for s in self.protocol.steps if s.key == key), key)

    def item_text(self, step: str, item: str) -> str:
        return next(
            (
                self.text(one.text)
                for s in self.protocol.steps
                if s.key == step
                for one in s.items
                if one.key == item
            ),
            item,
        )

    def choice_text(self, step: str, item: str, value: str) -> str:
        return next(
            (
                self.text(choice.label)
                for s in self.protocol.steps
                if s.key == step
                for one in s.items
                if one.key == item
                for choice in one.choices
                if choice.value == value
            ),
            value,
        )

    def reason(self, told: str) -> str:
        """Why somebody was excluded. A rule of the plan is told in words, with the step it met;
        what staff wrote stays as it is."""
        if told == "?":
            return _("no reason given")
        return "; ".join(self._by_rule(part) for part in told.split("; "))

    def _by_rule(self, part: str) -> str:
        rule, _colon, place = part.partition(": ")
        step = place.partition(".")[0]
        if rule not in RULES or step not in {one.key for one in self.protocol.steps}:
            return part
        where = f"{self.step_title(step)}, {coded(place)}"
        return _("%(rule)s (%(step)s)") % {"rule": named(RULES, rule), "step": where}

    @property
    def versus(self) -> dict[str, str]:
        return {"treatment": self.found.treatment, "control": self.found.control}


def day(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d") if at else "–"


def why(reason: str | None) -> str:
    return str(WHY.get(reason or "", reason or ""))


def or_why(shown: str, reason: str | None) -> str:
    """The number, or in brackets why there is none."""
    return f"({why(reason)})" if reason else shown


def method_of(contrast: Contrast) -> str:
    names = {"exact": _("exact"), "asymptotic": _("normal approximation"), None: ""}
    return names[contrast.test.method]


def interval_or_why(found: Interval, shown: str) -> str:
    return or_why(shown, found.undefined)
