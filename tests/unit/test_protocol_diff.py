"""Two versions of a protocol, and what a reader is told of the difference."""

from pathlib import Path

from study.rules.diff import Change, differences, is_another_study
from study.rules.protocol import read_protocol

SOURCE = (Path(__file__).parents[2] / "study" / "protocols" / "duetml.yaml").read_text()


def changes(*replacements: tuple[str, str]) -> list[Change]:
    source = SOURCE
    for old, new in replacements:
        assert old in source
        source = source.replace(old, new, 1)
    return differences(read_protocol(SOURCE), read_protocol(source))


def test_comments_and_layout_are_no_difference() -> None:
    assert changes(("# This file alone fixes", "# Other words\n# This file alone fixes")) == []


def test_a_changed_time_is_told_with_both_values() -> None:
    found = changes(("minutes: {minimum: 10, maximum: 15}", "minutes: {minimum: 12, maximum: 15}"))

    assert found == [Change("steps.free.minutes.minimum", "“10.0” → “12.0”")]


def test_words_are_told_by_language() -> None:
    found = changes(("en: Sorting pictures with a computer", "en: Sorting"))

    assert found == [Change("title.en", "“Sorting pictures with a computer” → “Sorting”")]


def test_an_item_that_is_gone_is_named() -> None:
    source = SOURCE.replace("      - key: age\n", "      - key: years\n", 1)

    found = differences(read_protocol(SOURCE), read_protocol(source))

    assert Change("steps.about_you.items.years", "added") in found
    assert Change("steps.about_you.items.age", "taken out") in found


def test_another_order_of_steps_is_told_once() -> None:
    old = read_protocol(SOURCE)
    steps = [*old.steps[:-3], old.steps[-2], old.steps[-3], old.steps[-1]]

    found = differences(old, old.model_copy(update={"steps": steps}))

    assert [one.place for one in found] == ["steps"]
    assert found[0].what.startswith("in another order: consent, eligibility")


def test_a_feature_and_a_block_size_are_told_where_they_are() -> None:
    found = changes(
        ("block_sizes: [2, 4]", "block_sizes: [2, 4, 6]"),
        ("proactive: false, upload: true", "proactive: false, upload: false"),
    )

    assert {one.place for one in found} == {
        "allocation.block_sizes",
        "conditions.baseline.features.upload",
    }


def test_words_for_the_report_and_the_number_make_no_other_study() -> None:
    told = SOURCE.replace("version: 2", "version: 3", 1)
    words = "reporting:\n  compensation: {en: 3000 yen., ja: 3000円。}\n"
    told = told.replace("reporting:\n", words, 1)
    asked = told.replace("per_condition: 6", "per_condition: 8", 1)

    assert differences(read_protocol(SOURCE), read_protocol(told))
    assert not is_another_study(read_protocol(SOURCE), read_protocol(told))
    assert is_another_study(read_protocol(SOURCE), read_protocol(asked))
