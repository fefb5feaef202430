"""What a protocol says for the report of its study: optional, in every language, seen by nobody."""

from pathlib import Path

import pytest

from study.rules.protocol import ProtocolError, read_protocol

SOURCE = (Path(__file__).parents[2] / "study" / "protocols" / "tour.yaml").read_text()
TOLD = """
reporting:
  setting: {kind: laboratory, text: {en: A quiet room., ja: 静かな部屋。}}
  recruitment: {en: By posters., ja: 掲示による。}
  compensation: {en: 1000 yen an hour., ja: 1時間1000円。}
  raters:
    recruitment: {en: Colleagues., ja: 同僚。}
    compensation: {en: None., ja: なし。}
  sample_size: {en: As in the original., ja: 元の研究と同じ。}
  registration: {where: "https://osf.io/abcde", day: 2026-05-31}
  interviews: {en: Coded by two people., ja: 2人でコーディングした。}
  availability: {en: On request., ja: 依頼に応じる。}
  funding: {en: None., ja: なし。}
  interests: {en: None., ja: なし。}
"""


def test_a_protocol_without_it_says_nothing() -> None:
    assert read_protocol(SOURCE).reporting is None


def test_everything_that_a_report_asks_for_can_be_said() -> None:
    told = read_protocol(SOURCE + TOLD).reporting

    assert told
    assert all(text for _key, text in told.texts())
    assert told.setting
    assert told.setting.kind == "laboratory"
    assert told.registration
    assert str(told.registration.day) == "2026-05-31"


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("kind: laboratory", "kind: space", "reporting.setting.kind: must be one of"),
        ("day: 2026-05-31", "day: soon", "reporting.registration.day: must be a day"),
        (", ja: 掲示による。", "", "reporting.recruitment: no words in ja"),
        (", ja: 静かな部屋。", "", "reporting.setting.text: no words in ja"),
        ("  funding:", "  fundings:", "did you mean `funding`?"),
        ("    compensation: {en: None., ja: なし。}", "    compensation: {en: None.}",
         "reporting.raters.compensation: no words in ja"),
    ],
)  # fmt: skip
def test_what_is_said_wrongly_is_named_with_its_line(right: str, wrong: str, said: str) -> None:
    assert right in TOLD
    source = SOURCE + TOLD.replace(right, wrong, 1)

    with pytest.raises(ProtocolError, match="reporting") as refused:
        read_protocol(source)

    (problem,) = refused.value.problems
    assert said in str(problem)
    assert (problem.line or 0) > SOURCE.count("\n")
