"""The way through a protocol, its scores and its secrets."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from study.rules import codes, flow, scoring
from study.rules.derivation import derive
from study.rules.protocol import ProtocolError, digest_of, read_protocol
from tests.studies import SOURCE

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PROTOCOL = read_protocol(SOURCE)
INDEX = {step.key: index for index, step in enumerate(PROTOCOL.steps)}


def way(condition: str) -> list[str]:
    keys, index = [], 0
    while (following := flow.next_index(PROTOCOL, index, condition)) is not None:
        index = following
        keys.append(PROTOCOL.steps[index].key)
    return keys


def test_only_the_group_with_an_assistant_is_asked_about_it() -> None:
    assert set(way("duetml")) - set(way("baseline")) == {"experience"}


def test_progress_does_not_give_the_condition_away() -> None:
    common = [INDEX[key] for key in way("baseline")]

    assert [flow.progress(PROTOCOL, index) for index in [0, *common]] == [
        (number, 13) for number in range(1, 14)
    ]


def test_the_condition_is_drawn_after_the_screening() -> None:
    assert [key for key in INDEX if flow.assigns_after(PROTOCOL, INDEX[key])] == ["eligibility"]


def test_deadlines_are_the_minutes_of_the_protocol() -> None:
    limits = flow.deadlines(PROTOCOL.steps[INDEX["free"]], NOON)

    assert limits.minimum_at == NOON + timedelta(minutes=10)
    assert limits.closes_at == NOON + timedelta(minutes=15)


def test_a_preview_waits_for_no_minimum() -> None:
    limits = flow.deadlines(PROTOCOL.steps[INDEX["free"]], NOON, waive_minimum=True)

    assert flow.may_leave(NOON, limits.minimum_at)
    assert flow.is_late(NOON + timedelta(minutes=15), limits.closes_at)


@pytest.mark.parametrize(
    ("answers", "unmet"),
    [
        ({"adult": "adult", "built_ml": "never"}, []),
        ({"adult": "minor", "built_ml": "never"}, ["adult"]),
        ({"adult": "adult", "built_ml": "once"}, ["built_ml"]),
        ({}, ["adult", "built_ml"]),
    ],
)
def test_only_adults_without_experience_are_admitted(
    answers: dict[str, str], unmet: list[str]
) -> None:
    assert flow.unmet(PROTOCOL.steps[INDEX["eligibility"]], dict(answers)) == unmet


def test_what_both_groups_read_in_a_task_never_mentions_the_assistant() -> None:
    common = [step for step in PROTOCOL.steps if not step.only]
    words = " ".join(
        text
        for step in common
        for part in (step.title, step.body, step.task, *(item.text for item in step.items))
        for text in (part or {}).values()
    )

    assert not re.search(r"assistant|advice|chat|アシスタント|助言|チャット", words, re.IGNORECASE)


def test_the_conditions_differ_in_the_agents_alone() -> None:
    duetml, baseline = (PROTOCOL.settings_of(key) for key in ("duetml", "baseline"))

    agents = ["chat", "ask_data", "ask_test", "proactive"]
    assert [name for name, on in duetml.features.model_dump().items() if on] == [*agents, "upload"]
    assert [name for name, on in baseline.features.model_dump().items() if on] == ["upload"]
    assert duetml.model == baseline.model


def test_a_derived_protocol_has_its_own_digest_and_says_what_differs() -> None:
    derived = derive(SOURCE, minutes_scale=0.1)

    protocol = read_protocol(derived)
    assert digest_of(derived) != digest_of(SOURCE)
    assert protocol.simulated
    assert protocol.derived is not None
    assert protocol.derived.origin == digest_of(SOURCE)
    minutes = protocol.steps[INDEX["free"]].minutes
    assert minutes is not None
    assert minutes.maximum == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("step", "change", "complaint"),
    [
        ("eligibility", {"only": ["duetml"]}, "everybody gets this step"),
        ("consent", {"minutes": {"minimum": 1, "maximum": 2}}, "the clock cannot end"),
        ("usability", {"scoring": "raw_tlx"}, "scored from 6 items"),
        ("free", {"only": ["placebo"]}, "unknown condition placebo"),
    ],
)
def test_a_protocol_that_cannot_work_is_refused_with_its_step(
    step: str, change: dict[str, object], complaint: str
) -> None:
    document = yaml.safe_load(SOURCE)
    document["steps"][INDEX[step]].update(change)

    with pytest.raises(ProtocolError, match=f"{step}.*{complaint}"):
        read_protocol(yaml.safe_dump(document))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"control": "duetml"}, "are the same condition"),
        ({"criteria": [{"key": "eq1", "text": {"en": "Clear?", "ja": "明確？"}}] * 2}, "same key"),
    ],
)
def test_a_rating_that_could_not_be_analysed_is_refused(
    change: dict[str, object], complaint: str
) -> None:
    document = yaml.safe_load(SOURCE)
    document["rating"].update(change)

    with pytest.raises(ProtocolError, match=f"rating: .*{complaint}"):
        read_protocol(yaml.safe_dump(document))


@pytest.mark.parametrize(
    ("step", "change"),
    [
        ("usability", {"points": 7}),
        ("usability", {"reverse": True}),
        ("usability", {"kind": "text"}),
        ("workload", {"points": 20}),
        ("workload", {"kind": "likert", "points": 101}),
    ],
)
def test_a_questionnaire_that_could_not_be_scored_is_refused(
    step: str, change: dict[str, object]
) -> None:
    document = yaml.safe_load(SOURCE)
    document["steps"][INDEX[step]]["items"][0].update(change)

    with pytest.raises(ProtocolError, match=rf"step \d+ \({step}\): .* is scored from"):
        read_protocol(yaml.safe_dump(document))


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ([5, 1] * 5, 100.0),
        ([1, 5] * 5, 0.0),
        ([3] * 10, 50.0),
        ([4, 2, 5, 1, 4, 2, 5, 1, 3, 3], 80.0),
    ],
)
def test_sus(answers: list[int], score: float) -> None:
    assert scoring.sus(answers) == score


def test_raw_tlx_is_the_mean_of_six_scales() -> None:
    assert scoring.raw_tlx([0, 10, 20, 30, 40, 50]) == 25.0


def test_scores_are_refused_where_answers_are_missing_or_impossible() -> None:
    for wrong in ([3] * 9, [3] * 9 + [6], []):
        with pytest.raises(ValueError, match="ten answers"):
            scoring.sus(wrong)
    with pytest.raises(ValueError, match="six answers"):
        scoring.raw_tlx([0, 0, 0, 0, 0, 101])


def test_a_step_is_scored_as_its_protocol_says() -> None:
    usability, interview = (PROTOCOL.steps[INDEX[key]] for key in ("usability", "interview"))
    best = {item.key: 1 if item.reverse else 5 for item in usability.items}

    assert scoring.score(usability, dict(best)) == 100.0
    assert scoring.score(usability, {**best, "sus3": None}) is None
    assert scoring.score(interview, {}) is None


def test_codes_are_random_and_readable() -> None:
    assert re.fullmatch(r"P[2-9A-HJ-NP-Z]{5}", codes.participant_code())
    assert re.fullmatch(r"([2-9A-HJ-NP-Z]{4}-){2}[2-9A-HJ-NP-Z]{4}", codes.completion_code())
    assert len({codes.personal_token() for _ in range(100)}) == 100
    assert len(codes.personal_token()) * 6 >= 128


def test_a_draw_belongs_to_one_participant_and_one_step() -> None:
    draws = {
        codes.draw_seed(seed, person, step)
        for seed in (1, 2)
        for person in ("a", "b")
        for step in ("free", "requirement")
    }

    assert len(draws) == 8
    assert all(0 <= draw < 2**63 for draw in draws)
    assert codes.draw_seed(1, "a", "free") == codes.draw_seed(1, "a", "free")


@pytest.mark.parametrize("width", [0, 319, 4000, "wide"])
def test_a_minimum_width_that_nobody_has_or_everybody_is_refused(width: object) -> None:
    with pytest.raises(ProtocolError, match="minimum_width"):
        read_protocol(f"{SOURCE}\nminimum_width: {width}\n")


def test_the_studys_own_protocol_asks_for_no_width_and_one_may() -> None:
    assert PROTOCOL.minimum_width is None
    wide = f"{SOURCE}\nminimum_width: 900\n"
    assert read_protocol(wide).minimum_width == 900
    assert read_protocol(derive(wide, minutes_scale=0.5)).minimum_width == 900


def consent_with(**changes: object) -> str:
    document = yaml.safe_load(SOURCE)
    document["steps"][0]["items"][2].update(changes)
    return yaml.safe_dump(document)


def test_one_box_of_the_consent_says_whether_pictures_may_be_sent() -> None:
    assert PROTOCOL.image_consent() == ("consent", "vendor")
    assert read_protocol(derive(SOURCE, minutes_scale=0.5)).image_consent() is not None


def test_a_protocol_that_asks_nothing_grants_nothing() -> None:
    assert read_protocol(SOURCE.replace("grants: images", "")).image_consent() is None


@pytest.mark.parametrize(
    ("step", "item", "complaint"),
    [
        (0, 1, "only one item can grant images"),
        (1, 0, r"item 1 \(adult\): only a box to tick .* can grant something"),
        (2, None, r"step 3 \(about_you\): only an item of the consent can grant something"),
    ],
)
def test_a_grant_where_nobody_consents_is_refused(
    step: int, item: int | None, complaint: str
) -> None:
    document = yaml.safe_load(SOURCE)
    items = document["steps"][step]["items"]
    if item is None:
        items.append({"key": "box", "kind": "check", "text": {"en": "Yes", "ja": "はい"}})
        item = -1
    items[item]["grants"] = "images"

    with pytest.raises(ProtocolError, match=complaint):
        read_protocol(yaml.safe_dump(document))


def test_a_grant_of_something_unknown_is_refused() -> None:
    with pytest.raises(ProtocolError, match=r"item 3 \(vendor\), grants"):
        read_protocol(consent_with(grants="everything"))


def test_caps_on_the_agents_survive_a_derivation() -> None:
    document = yaml.safe_load(SOURCE)
    document["agents"]["budget"] = {"study": {"usd": 60}, "day": {"tokens": 1000}, "warn_at": 0.5}

    derived = read_protocol(derive(yaml.safe_dump(document), minutes_scale=0.1))

    budget = derived.agents.budget
    assert (budget.study.usd, budget.day.tokens, budget.warn_at) == (60, 1000, 0.5)
    assert (budget.study.tokens, budget.participant.usd, budget.ceiling) == (None, None, 2.0)
