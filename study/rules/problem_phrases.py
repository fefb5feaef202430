"""What checks say of a protocol, as templates: found again in a check's words, so that a page can
say it in another language. What schema checks (pydantic) say is put in words of our own."""

import re

from study.rules.phrase import Phrase, gettext_noop

# What pydantic says → what we say; the first that matches is taken.
SCHEMA = (
    (r"Field required", gettext_noop("is missing")),
    (r"Extra inputs are not permitted", gettext_noop("is not known here")),
    (r"Input should be a valid integer.*", gettext_noop("must be a whole number")),
    (r"Input should be a finite number", gettext_noop("must be a number with an end")),
    (r"Input should be a valid (?:number|decimal).*", gettext_noop("must be a number")),
    (r"Input should be a valid boolean.*", gettext_noop("must be true or false")),
    (r"Input should be a valid string", gettext_noop("must be a text; put it in quotes")),
    (r"Input should be a valid list", gettext_noop("must be a list")),
    (
        r"Input should be a valid (?:dictionary|mapping).*",
        gettext_noop("must be a group of fields, each with a name and a value"),
    ),
    (
        r"(?:Input should be a valid date|Datetimes provided to dates).*",
        gettext_noop("must be a day, such as 2026-05-31"),
    ),
    (
        r"Input should be greater than or equal to (?P<limit>\S+)",
        gettext_noop("must be %(limit)s or more"),
    ),
    (r"Input should be greater than (?P<limit>\S+)", gettext_noop("must be more than %(limit)s")),
    (
        r"Input should be less than or equal to (?P<limit>\S+)",
        gettext_noop("must be %(limit)s or less"),
    ),
    (r"Input should be less than (?P<limit>\S+)", gettext_noop("must be less than %(limit)s")),
    (r"Input should be (?P<known>'.*)", gettext_noop("must be one of %(known)s")),
    (r"String should match pattern .*", gettext_noop("is not written as it must be")),
    (
        r"String should have at least (?P<count>\d+) characters?",
        gettext_noop("is too short: the least is %(count)s characters"),
    ),
    (
        r"String should have at most (?P<count>\d+) characters?",
        gettext_noop("is too long: the most is %(count)s characters"),
    ),
    (
        r"(?:List|Dictionary) should have at least (?P<count>\d+) items? .*not (?P<there>\d+)",
        gettext_noop("has %(there)s entries: the least is %(count)s"),
    ),
    (
        r"(?:List|Dictionary) should have at most (?P<count>\d+) items? .*not (?P<there>.+)",
        gettext_noop("has %(there)s entries: the most is %(count)s"),
    ),
)

# What our own checks say.
CHECKS = (
    gettext_noop("a choice needs at least two choices"),
    gettext_noop("a slider needs minimum and maximum"),
    gettext_noop("from minimum to maximum are no whole steps"),
    gettext_noop("give both anchors (low, high)"),
    gettext_noop("admits names a value that is not offered"),
    gettext_noop("only a box to tick (kind: check) can grant something"),
    gettext_noop("an attention check expects one answer"),
    gettext_noop("attention expects an answer that is not offered"),
    gettext_noop("the minimum is longer than the maximum"),
    gettext_noop("a task needs minutes, pool and task"),
    gettext_noop("give it items"),
    gettext_noop("only a task can be rated"),
    gettext_noop("conditions are drawn later, so everybody gets this step"),
    gettext_noop("only an interview has a guide"),
    gettext_noop("only the consent has a version"),
    gettext_noop("only a task can be restarted or blocked"),
    gettext_noop("the clock cannot end this kind of step"),
    gettext_noop("a scale brings its own items and scoring"),
    gettext_noop("%(scoring)s is scored from %(what)s"),
    gettext_noop("these names are taken: %(names)s"),
    gettext_noop("two items have the same key"),
    gettext_noop("two criteria have the same key"),
    gettext_noop("two conditions have the same key"),
    gettext_noop("two steps have the same key"),
    gettext_noop("treatment and control are the same condition"),
    gettext_noop("the last step, and only the last, is of kind end"),
    gettext_noop("the first step is of kind consent"),
    gettext_noop("comes before the assignment, so it can be no task and have no condition"),
    gettext_noop("unknown condition %(key)s"),
    gettext_noop("the title has more than %(count)s characters"),
    gettext_noop("block_sizes must be multiples of the number of conditions"),
    gettext_noop("rating compares an unknown condition"),
    gettext_noop("only one task can be rated"),
    gettext_noop("no words in %(language)s"),
    gettext_noop("the budget is the whole study's"),
    gettext_noop("no item %(key)s comes before the assignment"),
    gettext_noop("there is no criterion %(key)s"),
    gettext_noop("only one item can grant %(what)s"),
    gettext_noop("only an item of the consent can grant something"),
    gettext_noop("there is no prompt %(name)s version %(version)s"),
    gettext_noop("two outcomes have the same completion code"),
    gettext_noop("return_url must begin with https://"),
    gettext_noop("return_url must contain {code}"),
    gettext_noop("under_minutes needs minutes, and no other rule has them"),
    gettext_noop("ask_data, ask_test and proactive answer in the chat: switch chat on too"),
    gettext_noop("give one version each of %(names)s"),
    gettext_noop("preset attentive tells more than workspace 1 has words for"),
    gettext_noop("The file is too long (at most %(count)s characters)."),
    gettext_noop("A protocol is a YAML mapping with name, version, steps …"),
)


def phrase(text: str) -> Phrase:
    """The words of a check as a phrase; words that nobody knows are kept as they are."""
    plain = text.removeprefix("Value error, ")
    for pattern, said in _KNOWN:
        if match := pattern.fullmatch(plain):
            return Phrase(said, **match.groupdict())
    return Phrase("%(words)s", words=plain)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", template)
    named = (f"(?P<{part}>.+)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    return re.compile("".join(named), re.DOTALL)


_KNOWN = [(re.compile(pattern, re.DOTALL), said) for pattern, said in SCHEMA]
_KNOWN += [(_pattern(template), template) for template in CHECKS]
