"""Codes of the record in words. `coded` marks what stands so in export or protocol."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext_lazy

Words = str | Promise

FLAGS: dict[str, Words] = {
    "early": gettext_lazy("tried to leave before the minimum"),
    "late": gettext_lazy("something came after the end"),
    "paused": gettext_lazy("paused by staff"),
    "extended": gettext_lazy("given more time by staff"),
    "restarted": gettext_lazy("begun anew after a time away"),
}
OUTCOMES: dict[str, Words] = {
    "answered": gettext_lazy("answered"),
    "stopped": gettext_lazy("stopped by the participant"),
    "withheld": gettext_lazy("not shown, as it came after the end or was no longer wanted"),
    "stood_in": gettext_lazy("answered by the offline advisor in the vendor's place"),
    "failed": gettext_lazy("failed"),
}
RULES: dict[str, Words] = {
    "late": gettext_lazy("something came after the end of a step"),
    "attention": gettext_lazy("an attention check was answered otherwise"),
    "incomplete": gettext_lazy("left before the rated task was over"),
    "agents_failed": gettext_lazy("asked the agents and was never answered"),
    "under_minutes": gettext_lazy("took less than the minimum of the plan"),
}
# Of the pre-flight: what was accepted when the study was opened in spite of it.
WARNINGS: dict[str, Words] = {
    "untrained": gettext_lazy("the backbone is untrained"),
    "weights": gettext_lazy("other weights of the backbone than the protocol names"),
    "key": gettext_lazy("no key for the model vendor"),
    "images": gettext_lazy("no box of the consent lets pictures go to the model vendor"),
    "half_treatment": gettext_lazy("people may take part without what the agents need"),
    "model": gettext_lazy("the language model has not answered lately"),
    "ethics": gettext_lazy("no approval of an ethics board is named"),
    "contact": gettext_lazy("participants are not told whom to ask"),
    "retention": gettext_lazy("it is not said when the data are purged"),
    "consent": gettext_lazy("the consent has no version"),
    "advisor": gettext_lazy("the offline advisor is no language model"),
    "codes": gettext_lazy("outcomes share a completion code"),
    "reachable_p": gettext_lazy("the sample cannot reach a p under 5 %"),
    "power": gettext_lazy("the power is under 80 %"),
    "database": gettext_lazy("the database"),
    "database_kind": gettext_lazy("the database is not PostgreSQL"),
    "clock": gettext_lazy("the clocks of web and database differ"),
    "backup": gettext_lazy("no backup was made"),
    "restore": gettext_lazy("no backup was restored on trial"),
    "tls": gettext_lazy("participants do not come by https"),
    "broker": gettext_lazy("the broker"),
    "workers": gettext_lazy("the workers"),
    "beat": gettext_lazy("the clock of the periodic tasks"),
    "disk": gettext_lazy("the room on the disk"),
}
PROVIDERS: dict[str, Words] = {
    "openai": gettext_lazy("a model vendor by OpenAI's interface"),
    "offline": gettext_lazy("the offline advisor, no language model"),
}
PRESETS: dict[str, Words] = {
    "paper": gettext_lazy("told what the paper's agents were told"),
    "attentive": gettext_lazy("told also how the classifier does and what they said before"),
}
SETTINGS: dict[str, Words] = {
    "online": gettext_lazy("online, each where they were"),
    "laboratory": gettext_lazy("in a laboratory"),
    "mixed": gettext_lazy("some online, some in a laboratory"),
}
BACKGROUND: dict[str, Words] = {
    "age": gettext_lazy("age"),
    "gender": gettext_lazy("gender"),
    "ml_years": gettext_lazy("years with machine learning"),
    "ml_experience": gettext_lazy("experience with machine learning"),
}


def coded(text: object) -> str:
    """As code: the template sets what stands between two of these marks apart."""
    return f"`{str(text).replace('`', '’')}`"


def named(words: Mapping[str, Words], code: str) -> str:
    """The words with the code in brackets, or the code alone where there are none."""
    return f"{words[code]} ({coded(code)})" if code in words else coded(code)


def language(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return coded(code)
