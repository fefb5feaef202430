"""What servers send: what can be used of it, and what is told in the place of the rest."""

import json
from typing import Any

import pytest

from duetml.llm.client import Failure, Usage, VendorError
from duetml.llm.reading import MOST_CHARACTERS, Reading


def event(content: object = None, finish: object = None, **more: object) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": content}, "finish_reason": finish}], **more}


def read(*events: object) -> tuple[str, Usage]:
    reading = Reading("asked-for")
    text = "".join(reading.piece(one) for one in events)
    return text, reading.end()


def failure(*events: object) -> Failure:
    with pytest.raises(VendorError) as caught:
        read(*events)
    return caught.value.kind


def test_an_answer_ends_with_its_account() -> None:
    counted = {"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 2}}

    text, usage = read(event("Try "), event("it.", model="told"), event(finish="stop"), counted)

    assert text == "Try it."
    assert usage == Usage(12, 2, "told", "stop")


@pytest.mark.parametrize("told", [None, "", 7, ["x"], "x" * 201, "a\nb", "a\x00"])
def test_a_name_that_can_be_no_models_leaves_the_one_asked_for(told: object) -> None:
    _, usage = read(event("Yes.", "stop", model=told))

    assert usage.model == "asked-for"


@pytest.mark.parametrize("told", [None, -1, 10**12, 1.5, "12", True, [1]])
def test_a_number_of_tokens_that_cannot_be_is_not_known(told: object) -> None:
    counted = {"choices": [], "usage": {"prompt_tokens": told, "completion_tokens": 3}}

    _, usage = read(event("Yes.", "stop"), counted)

    assert (usage.input_tokens, usage.output_tokens) == (None, 3)


def test_without_a_count_the_tokens_are_not_known() -> None:
    _, usage = read(event("Yes.", "stop"))

    assert (usage.input_tokens, usage.output_tokens) == (None, None)


def test_an_event_about_filters_says_nothing() -> None:
    azure = {"model": "", "choices": [{"content_filter_offsets": {}, "finish_reason": None}]}

    text, _ = read({"choices": [], "prompt_filter_results": []}, event("Yes.", "stop"), azure)

    assert text == "Yes."


@pytest.mark.parametrize(
    ("delta", "kind"),
    [
        ({"refusal": "I will not."}, Failure.REFUSED),
        ({"tool_calls": [{"index": 0}]}, Failure.NONSENSE),
        ({"function_call": {"name": "f"}}, Failure.NONSENSE),
        ({"content": " \n"}, Failure.EMPTY),
        ({"content": ["a"]}, Failure.NONSENSE),
        (None, Failure.NONSENSE),
    ],
)
def test_what_is_no_answer_is_told_as_what_it_is(delta: object, kind: Failure) -> None:
    told = failure({"choices": [{"delta": delta, "finish_reason": "stop"}]})

    assert told is kind


def test_words_beside_a_tool_call_are_an_answer() -> None:
    call = {"choices": [{"delta": {"content": "Look.", "tool_calls": [{}]}}]}

    text, _ = read(call, event(finish="tool_calls"))

    assert text == "Look."


def test_a_filter_that_stops_an_answer_midway_is_a_refusal() -> None:
    assert failure(event("Half of"), event(finish="content_filter")) is Failure.REFUSED


def test_an_answer_without_an_end_was_cut() -> None:
    assert failure(event("Half of")) is Failure.CUT_STREAM


def test_an_answer_without_measure_is_given_up() -> None:
    assert failure(event("x" * MOST_CHARACTERS), event("x")) is Failure.NONSENSE


def test_a_server_that_does_not_stream_is_understood() -> None:
    message = {"role": "assistant", "content": "Yes.", "refusal": None}
    counted = {"prompt_tokens": 3, "completion_tokens": 1}
    reading = Reading("asked-for")
    document = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": counted}

    text = reading.whole(json.loads(json.dumps(document)))

    assert (text, reading.end()) == ("Yes.", Usage(3, 1, "asked-for", "stop"))
