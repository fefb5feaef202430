"""What was recorded reads back the same from SQLite and PostgreSQL, whatever it holds."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from duetml.live import log
from duetml.live.kinds import KINDS
from duetml.live.models import Event

NOW = datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=UTC)
TOKYO = timezone(timedelta(hours=9))
NUMBERS = [0.1 + 0.2, 1e16, -0.0, 1e300, 5e-324, 1.0, 1e-7, 2**63, -(2**70), 123456.789e3]
TEXTS = [
    "",
    "é e\u0301",
    "家族 👨‍👩‍👧",
    "\x01\x1f\u2028\\u0000",
    "\ufeff<b>&amp;</b>",
    "x" * 60_000,
]
VALUES: dict[Any, list[Any]] = {
    str: TEXTS,
    int: [0, -1, 2**31, 2**63],
    bool: [True, False],
    list: [[], [NUMBERS, TEXTS, {"a": [None, True]}]],
    dict: [{}, {"b": NUMBERS, "a": {"深い": TEXTS}, "": None}],
    float: NUMBERS,
    type(None): [None],
}
STAMPS = [
    None,
    log.ClientStamp(uuid4()),
    log.ClientStamp(uuid4(), NOW.astimezone(TOKYO)),
    log.ClientStamp(uuid4(), datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))),
    log.ClientStamp(uuid4(), datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=12)))),
]


def payloads(kind: str) -> list[dict[str, Any]]:
    """Payloads of a kind in which every value of every field's type appears."""
    fields = {
        name: [value for one in (types if isinstance(types, tuple) else (types,))
               for value in VALUES[one]]
        for name, types in KINDS[kind].items()
    }  # fmt: skip
    longest = max((len(values) for values in fields.values()), default=1)
    return [
        {name: values[number % len(values)] for name, values in fields.items()}
        for number in range(longest)
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_the_chain_holds_after_reading_again_for_every_kind_of_event(kind: str) -> None:
    with transaction.atomic():
        for payload in payloads(kind):
            log.record("study:alike", kind, payload, at=NOW.astimezone(TOKYO))
    assert log.verify("study:alike")


@pytest.mark.django_db
def test_a_clock_that_fits_into_no_database_is_left_out() -> None:
    with transaction.atomic():
        for stamp in STAMPS:
            log.record("study:alike", "study.closed", {"seed": "1"}, at=NOW, client=stamp)
    times = list(Event.objects.order_by("seq").values_list("client_at", flat=True))
    assert times == [None, None, NOW, None, None]
    assert log.verify("study:alike")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


class AnyPayload(TestCase):
    @given(st.dictionaries(st.text("abc"), JSON, max_size=5))
    def test_any_json_keeps_its_place_in_the_chain(self, payload: dict[str, Any]) -> None:
        told = {"action": "category.create", "payload": payload}
        with transaction.atomic():
            log.record("workspace:any", "action.late", told, at=NOW)
        assert log.verify("workspace:any")
