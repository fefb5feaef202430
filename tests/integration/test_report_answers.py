"""What a reviewer asks of the methods: each question is answered from the record or the protocol,
or listed as not stated, in words and in both languages."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import translation

from duetml import program
from duetml.live import log
from duetml.workspace.models import AgentCall, Pool, TrainingRun
from evaluation.models import Rater
from evaluation.report import compose, printing
from evaluation.report.facts.visits import visits
from evaluation.report.remarks import remarks
from evaluation.work.results import results
from study.models import Participant, Study, StudyVersion, Submission
from study.rules.protocol import read_protocol
from study.services import versions
from tests.raters import NOW, SOURCE, World, showing
from tests.results import rated_world

pytestmark = pytest.mark.django_db
DIGEST = "7ebf99e0" + "0" * 56
PLAN = """
analysis:
  exclusions:
    - {rule: late, text: {en: Who was late is left out., ja: 遅れた人は除きます。}}
"""
SOURCE_BARE = re.sub(r"(?m)^reporting:\n(?:[ #].*\n)+", "", SOURCE)
BARE = SOURCE_BARE + PLAN
TOLD = (
    BARE
    + """
reporting:
  setting: {kind: laboratory, text: {en: A quiet room., ja: 静かな部屋。}}
  recruitment: {en: Posters on the campus., ja: 構内の掲示。}
  compensation: {en: 1000 yen an hour., ja: 1時間1000円。}
  raters:
    recruitment: {en: Engineers of two firms., ja: 2社の技術者。}
    compensation: {en: 5000 yen., ja: 5000円。}
  sample_size: {en: As many as the original had., ja: 元の研究と同じ人数。}
  registration: {where: "https://osf.io/abcde", day: 2026-05-31}
  interviews: {en: Coded by two., ja: 2人でコーディングしました。}
  availability: {en: On request., ja: 依頼に応じます。}
  funding: {en: A grant., ja: 助成金。}
  interests: {en: There are none., ja: ありません。}
"""
)
SVM = {"c": 1.0, "calibration": "temperature", "folds": 3, "seed": 0}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Of a study whose protocol states nothing for the report."""
    with django_db_blocker.unblock():
        made = rated_world(6, 2, slug="asked", source=BARE)
        happened(made)
        yield made
        call_command("flush", interactive=False, verbosity=0)


def happened(world: World) -> None:
    """Trainings, calls, flags, an exclusion, a warning that was accepted, raters at work."""
    study, first = world.study, world.submissions[0]
    study.overrides, study.override_reason = ["ethics", "power"], "A trial."
    study.save()
    Pool.objects.create(name="mixed", licence="Photographs of ours, CC BY 4.0", created_at=NOW)
    Pool.objects.create(name="animals", created_at=NOW)
    work_in(first)
    person = first.participant
    person.excluded_at, person.excluded_by = NOW, "protocol"
    person.exclusion_reason = "late: requirement"
    person.save()
    first.step.flags = ["early", "late"]
    first.step.save()
    for number, rater in enumerate(world.raters):
        rater.background = {"age": 40 + number, "gender": "woman", "ml_experience": "research"}
        rater.save()
        for submission in world.submissions:
            rate(
                rater, submission, ("en", "ja")[number], sees_all=submission != world.submissions[1]
            )


def work_in(submission: Submission) -> None:
    workspace = submission.step.workspace
    assert workspace is not None
    report = {
        "backbone": "mobilenet_v2",
        "digest": DIGEST,
        "trained": True,
        "svm": SVM,
        "versions": {"scikit-learn": "1.9"},
        "calibrated": True,
    }
    TrainingRun.objects.create(
        workspace=workspace, number=1, data=[], state="done", report=report, queued_at=NOW
    )
    for outcome in AgentCall.Outcome:
        AgentCall.objects.create(
            workspace=workspace, agent="reactive", trigger="message", provider="openai",
            model="gpt-4o", outcome=outcome, parameters={"max_tokens": 400}, queued_at=NOW,
            prompts=[{"name": "reactive", "version": 1, "language": "ja", "digest": "abc"}],
        )  # fmt: skip


def rate(rater: Rater, submission: Submission, language: str, *, sees_all: bool) -> None:
    """Three minutes; the first picture only, or all."""
    shown = {"showing": str(showing(rater, submission).pk), "submission": str(submission.pk)}
    places = [
        [place, image]
        for place, category in enumerate(submission.content["categories"], start=1)
        for image in category["images"]
    ]
    looked = shown | {"seen": places if sees_all else places[:1], "zoomed": []}
    with transaction.atomic():
        log.record(rater.stream, "rating.looked", looked, at=NOW)
        over = NOW + timedelta(minutes=3)
        log.record(rater.stream, "rating.submitted", shown | {"language": language}, at=over)


def first_version(study: Study) -> None:
    StudyVersion.objects.create(study=study, number=1, protocol=study.protocol, at=NOW)


def report(study: Study, language: str) -> str:
    """The report's words, as HTML without figures."""
    study = Study.objects.select_related("protocol").get(pk=study.pk)
    with translation.override(language):
        said = remarks(study, study.protocol.read(), 0, 0)
        found = results(study)
        told = compose.document(study, found, said, "0" * 64, NOW, language).as_json()
        figures = {p["name"]: b"" for s in told["sections"] for p in s["pictures"]}
        return printing.html(told, figures)


@pytest.fixture(scope="module")
def english(world: World, django_db_blocker: Any) -> str:
    with django_db_blocker.unblock():
        return report(world.study, "en")


def cells(page: str) -> list[str]:
    return re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", page)


def test_what_the_protocol_does_not_state_is_listed_with_the_line_to_add(english: str) -> None:
    part = english[english.index("What the protocol does not state") :]
    listed = cells(part[: part.index("</table>")])

    assert "17 things that readers of a methods section ask for are not stated." in part
    for question in (
        "where people took part", "where and how participants were asked", "what participants were",
        "why so many participants", "registered", "how the raters were found",
        "what the raters were given", "ethics board", "version of the consent", "hypotheses",
        "when enrolment", "how long the data", "who paid", "interviews were coded",
        "competing interests", "where data and materials", "pictures of the pool “animals”",
    ):  # fmt: skip
        assert any(question in one for one in listed), question
    assert "<code>recruitment: {en: &quot;…&quot;, ja: &quot;…&quot;}</code>" in part
    assert "study_amend asked FILE" in part
    assert "pool “mixed”" not in part


def test_the_lines_that_the_report_asks_for_can_be_added(english: str) -> None:
    rows = re.findall(
        r"<th scope=.row.>[^<]*</th><td><code>reporting:( raters:)?</code></td>"
        r"<td><code>([^<]*)</code>", english
    )  # fmt: skip
    assert len(rows) == 11
    inner = [line for below, line in rows if below]
    lines = [f"  {line}" for below, line in rows if not below]
    added = "\n".join(["reporting:", *lines, "  raters:", *(f"    {line}" for line in inner)])

    told = read_protocol(f"{BARE}\n{added.replace('&quot;', chr(34))}\n").reporting

    assert told
    assert told.raters
    assert told.registration


def test_what_the_protocol_states_is_told_and_asked_for_no_more(world: World) -> None:
    """Amended after the closing, which makes nobody's protocol another one."""
    first_version(world.study)
    versions.amend("asked", TOLD, "The report asks for it.", "ann", NOW + timedelta(days=4))

    english, japanese = report(world.study, "en"), report(world.study, "ja")

    for said in (
        "Setting: in a laboratory. A quiet room.",
        "Recruitment of the participants: Posters on the campus.",
        "Compensation of the participants: 1000 yen an hour.",
        "Why so many per condition: As many as the original had.",
        "The plan was registered on 2026-05-31: https://osf.io/abcde.",
        "Recruitment and expertise of the raters: Engineers of two firms.",
        "Compensation of the raters: 5000 yen.",
        "Analysis of the interviews: Coded by two.",
        "Data and materials: On request.",
        "Funding: A grant.",
        "Competing interests: There are none.",
    ):
        assert said in english
    for words in (
        "静かな部屋。",
        "構内の掲示。",
        "2社の技術者。",
        "元の研究と同じ人数。",
        "助成金。",
    ):
        assert words in japanese
    assert "<code>reporting:</code></td>" not in english
    assert "Words for the report were added to the protocol or changed" in english
    assert "A participant had another version of the protocol" not in english


def test_raters_time_looks_and_language_come_from_their_logs(world: World, english: str) -> None:
    found = visits(world.study)

    assert {one.minutes for one in found} == {3}
    assert sum(one.saw_all for one in found) == 8
    assert "Raters took 3 [3–3] minutes for a submission (median [quartiles], n = 10)" in english
    assert "40 (80 %) of the scores were given with every picture" in english
    assert "Language in which raters read a submission&#x27;s page: English (5), Japanese (5)." in (
        english
    )


def test_what_is_not_recorded_of_the_raters_is_said_so() -> None:
    bare = rated_world(4, 1, slug="unrecorded")

    told = report(bare.study, "en")

    assert "How long raters took is not recorded." in told
    assert "Which pictures raters had in view is not recorded." in told
    assert "In which language raters read the pages is not recorded." in told


def test_the_training_can_be_done_again_from_what_is_told(english: str) -> None:
    for said in (
        "224 × 224 pixels", "1,280 numbers", "LinearSVC", "C = 1 and seed 0", "Guo et al., 2017",
        "cross-validation in 3 folds", DIGEST, "scikit-learn 1.9", "folds 3",
        "Trainings on record: 1, of which 1 were calibrated.", "Photographs of ours, CC BY 4.0",
    ):  # fmt: skip
        assert said in english, said


def test_what_the_sample_can_show_and_which_program_told_it(english: str) -> None:
    assert "What a sample of this size can show" in english
    assert "simulated for 2 against 3 analysed participants and 2 raters" in english
    assert f"duetml {program.version()}" in english
    assert program.commit() in english


def test_codes_are_told_in_words(english: str) -> None:
    text = re.sub(r"<code>.*?</code>", "", english)

    assert "excluded: something came after the end of a step (" in english
    assert "the power is under 80 % (<code>power</code>)" in english
    assert "tried to leave before the minimum (<code>early</code>)" in english
    assert "a rule of the plan" in english
    assert [
        one for one in cells(english[english.index("The raters: background") :]) if "[" not in one
    ][5:9] == ["R01", "40", "Woman", "I do research on it"]
    for code in ("stood_in", "withheld", "ml_experience", "mobilenet_v2", "late: requirement"):
        assert code not in text, code


def test_the_japanese_report_leaves_no_code_outside_code(world: World) -> None:
    text = report(world.study, "ja")
    text = re.sub(r"<style>.*?</style>|<code>.*?</code>", "", text, flags=re.DOTALL)

    for code in ("stood_in", "withheld", "overrid", "ml_years", "research", "woman", "openai"):
        assert code not in text, code


def test_people_under_an_earlier_protocol_that_differs_are_told_of() -> None:
    small = rated_world(4, 1, slug="changed", source=BARE)
    Participant.objects.filter(study=small.study).update(state="completed")
    small.study.state = Study.State.OPEN
    small.study.save()
    first_version(small.study)
    versions.amend(
        "changed", BARE.replace("about 75 minutes", "about 80 minutes"), "Longer.", "ann", NOW
    )

    told = report(small.study, "en")

    assert told.count("A participant had another version of the protocol") == 4
