"""Whom the analysis plan's rules leave out."""

from collections.abc import Mapping

import pytest

from study.rules.exclusions import Course, reasons
from study.rules.protocol import ProtocolFile, read_protocol
from tests.protocols import with_terms

RULES = ("late", "attention", "incomplete", "agents_failed")


def plan(*rules: Mapping[str, object]) -> ProtocolFile:
    told = [{"text": {"en": "Why.", "ja": "理由。"}, **rule} for rule in rules]
    return read_protocol(with_terms(analysis={"exclusions": told}))


WELL = Course(to_rate=["requirement"], minutes={"requirement": 12.0})


@pytest.mark.parametrize(
    ("course", "reason"),
    [
        (Course(late=["free"], to_rate=["a"], minutes={"a": 12}), "late: free"),
        (Course(failed_checks=["b.c"], to_rate=["a"], minutes={"a": 12}), "attention: b.c"),
        (Course(to_rate=["a"]), "incomplete: a"),
        (Course(completed=False), "incomplete: end"),
        (Course(unanswered=["a"], to_rate=["a"], minutes={"a": 12}), "agents_failed: a"),
        (Course(to_rate=["a"], minutes={"a": 4.9}), "under_minutes: a"),
    ],
)
def test_each_rule_fits_what_it_is_about_and_no_other_does(course: Course, reason: str) -> None:
    protocol = plan(*({"rule": rule} for rule in RULES), {"rule": "under_minutes", "minutes": 5})

    assert reasons(protocol, course) == [reason]


def test_nobody_is_left_out_who_went_through_it_as_planned() -> None:
    protocol = plan(*({"rule": rule} for rule in RULES), {"rule": "under_minutes", "minutes": 5})

    assert reasons(protocol, WELL) == []


def test_only_rules_of_the_plan_count() -> None:
    course = Course(late=["free"], to_rate=["a"], failed_checks=["b.c"])

    assert reasons(plan({"rule": "late"}), course) == ["late: free"]
    assert reasons(plan(), course) == []
