"""The robots' own senses: reading a page, keeping a view, noticing what should not be there."""

from random import Random

import pytest

from study.robots.answers import answer
from study.robots.journal import UnexpectedError
from study.robots.page import read
from study.robots.silence import Silence
from study.robots.sorting import group
from study.robots.view import View

FORM = """
<main data-minimum="2026-01-01T00:00:00+00:00"><script src="/static/a.js">let x = "<form>";</script>
<form method="post" action="/study/step/">
  <input type="hidden" name="step" value="3">
  <input type="radio" name="sex" value="f" required><input type="radio" name="sex" value="m">
  <input type="number" name="age" min="18" max="20"><input type="text" name="gone" disabled>
  <select name="where"><option value="">–</option><option value="here">Here</option></select>
  <textarea name="why">&lt;b&gt;</textarea><button>Next</button>
</form></main>
"""


def test_a_form_is_read_with_its_choices_and_limits() -> None:
    page = read("http://x/study/step/", 200, FORM)

    form = page.form("/study/step/")

    assert form is not None
    assert form.hidden() == {"step": "3"}
    assert [one.name for one in form.questions()] == ["sex", "age", "where", "why"]
    assert form.fields["sex"].choices == ("f", "m")
    assert form.fields["sex"].required
    assert form.fields["why"].value == "<b>"
    assert page.scripts == ["http://x/static/a.js"]
    assert page.data["minimum"] == "2026-01-01T00:00:00+00:00"


def test_answers_stay_within_what_is_offered_and_admitted() -> None:
    form = read("http://x/study/step/", 200, FORM).form("/study/step/")
    assert form is not None

    given = [
        {one.name: answer(one, Random(n), {"sex": ["m"]}) for one in form.questions()}
        for n in range(50)
    ]

    assert {values["sex"] for values in given} == {"m"}
    assert {values["age"] for values in given} == {"18", "19", "20"}
    assert {values["where"] for values in given} == {"here"}


def test_the_view_follows_events_from_a_state() -> None:
    view = View()
    offered = [{"id": name, "origin": "pool", "category": None} for name in "abc"]
    view.replace({"workspace": {}, "images": offered, "categories": []}, 4)

    events = [
        ("category.created", {"category": "1", "name": "one", "position": 0}),
        ("category.created", {"category": "2", "name": "two", "position": 1}),
        ("images.added", {"category": "1", "images": ["a", "b"]}),
        ("images.moved", {"category": "2", "images": ["b"], "was": "1"}),
        ("images.removed", {"category": "1", "images": ["a"]}),
        ("category.renamed", {"category": "2", "name": "zwei", "was": "two"}),
    ]
    for seq, (kind, payload) in enumerate(events, start=5):
        view.apply({"seq": seq, "kind": kind, "payload": payload})

    assert view.sorted_images() == {"one": frozenset(), "zwei": frozenset("b")}
    assert view.seq == 10


def test_pictures_are_grouped_by_colour_and_no_group_is_empty() -> None:
    shades = {str(level): (float(level),) * 3 for level in (0, 10, 240, 250)}

    groups = group(shades, 3, Random(2), "en")

    assert len(groups) == 3
    assert all(groups.values())
    assert sorted(image for images in groups.values() for image in images) == sorted(shades)


@pytest.mark.parametrize("raw", ['{"type": "token"}', '{"kind": "agent.called"}', '{"chat": {}}'])
def test_a_word_of_the_agents_breaks_the_silence(raw: str) -> None:
    with pytest.raises(UnexpectedError):
        Silence().frame(raw)


def test_an_ordinary_frame_does_not() -> None:
    Silence().frame('{"type": "event", "kind": "training.done", "payload": {"run": "1"}}')
