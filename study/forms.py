"""Between a browser and the rules: questions ready to be drawn, messages ready to be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import AwareDatetime, Field

from duetml.features import Frozen
from study.rules.answers import Reason, likert_points, scale_points
from study.rules.protocol import CHOSEN, Item, Step, words

BLANK = 1000  # questions of all studies, kept drawn


class AnswerMessage(Frozen):
    """One answer as the page's script sends it."""

    step: int = Field(ge=0, le=1000)
    item: str = Field(max_length=40)
    value: object = None
    id: UUID
    at: AwareDatetime | None = None


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Question:
    """One item in one language, with what was answered and what is wrong with it."""

    name: str
    kind: str
    text: str
    required: bool
    value: str
    error: str
    options: tuple[Option, ...]
    low: str
    high: str
    minimum: str
    maximum: str
    step: str

    @property
    def html(self) -> str:
        """Drawn in the language that is spoken. One that nobody answered yet looks the same for
        everybody."""
        is_blank = not (self.value or self.error or any(one.is_chosen for one in self.options))
        return _blank(self, get_language() or "") if is_blank else _drawn(self)


def questions(
    step: Step, language: str, given: Mapping[str, object], refused: Mapping[str, Reason]
) -> list[Question]:
    return [
        _question(item, language, given.get(item.key), refused.get(item.key)) for item in step.items
    ]


def _drawn(question: Question) -> str:
    return render_to_string("study/question.html", {"question": question})


@lru_cache(maxsize=BLANK)
def _blank(question: Question, language: str) -> str:
    return _drawn(question)


def _question(item: Item, language: str, given: object, refused: Reason | None) -> Question:
    value = "" if given is None or given is False else str(given)
    chosen = {str(one) for one in given} if isinstance(given, list) else {value}
    return Question(
        name=item.key,
        kind=item.kind,
        text=words(item.text, language),
        required=item.required,
        value=value,
        error=_complaint(item, refused) if refused else "",
        options=tuple(Option(key, label, key in chosen) for key, label in _offered(item, language)),
        low=words(item.low, language) if item.low else "",
        high=words(item.high, language) if item.high else "",
        minimum="" if item.minimum is None else f"{item.minimum:g}",
        maximum="" if item.maximum is None else f"{item.maximum:g}",
        step=str(item.step),
    )


def _offered(item: Item, language: str) -> list[tuple[str, str]]:
    if item.kind in CHOSEN:
        return [(choice.value, words(choice.label, language)) for choice in item.choices]
    if item.kind == "likert":
        return [(str(point), str(point)) for point in likert_points(item)]
    if item.kind == "scale":
        return [(str(point), str(point)) for point in scale_points(item)]
    return []


def _complaint(item: Item, reason: Reason) -> str:
    if reason is Reason.REQUIRED and item.kind == "check":
        return _("Please tick this box to go on.")
    if reason is Reason.REQUIRED and item.kind == "multiple":
        return _("Please choose at least one.")
    if reason is Reason.REQUIRED:
        return _("Please answer this question.")
    if reason is Reason.CHOICE:
        return _("Please choose one of the answers.")
    if reason is Reason.RANGE and item.minimum is not None and item.maximum is not None:
        limits = {"low": f"{item.minimum:g}", "high": f"{item.maximum:g}"}
        return _("Please give a number from %(low)s to %(high)s.") % limits
    if reason in (Reason.NUMBER, Reason.RANGE):
        return _("Please give a number.")
    return _("This answer is not possible here.")
