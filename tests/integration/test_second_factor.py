"""The second factor of staff, with codes as an app makes them."""

import re
from base64 import b32decode
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from duetml.config.environment import read_environment
from tests.raters import make_world

pytestmark = pytest.mark.django_db
SECOND, ENROL, STEP = "/login/second/", "/login/second/enrol/", 30
PASSWORD = "a long enough password"


@pytest.fixture(autouse=True)
def _switched_on(settings: Settings) -> None:
    settings.SECOND_FACTOR = True


@pytest.fixture
def ann() -> User:
    return User.objects.create_superuser("ann", password=PASSWORD)


def logged_in() -> Client:
    client = Client()
    client.post("/login/", {"username": "ann", "password": PASSWORD})
    return client


def secret_on(page: str) -> bytes:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    return b32decode(found[1].replace(" ", ""))


def code_of(secret: bytes, steps: int = 0) -> str:
    """What an app shows now, or that many half minutes from now."""
    return f"{totp(secret, t0=-steps * STEP):06d}"


def enrolled() -> tuple[bytes, list[str], Client]:
    """Secret, recovery codes and the session that enrolled."""
    client = logged_in()
    secret = secret_on(client.get(ENROL).content.decode())
    page = client.post(ENROL, {"code": code_of(secret)}).content.decode()
    return secret, re.findall(r"<code>([a-z2-7]{8})</code>", page), client


def wait(seconds: int) -> None:
    """As if the last wrong code had been given that much earlier."""
    for device in TOTPDevice.objects.all():
        device.throttling_failure_timestamp = timezone.now() - timedelta(seconds=seconds)
        device.save()


def test_it_is_off_unless_the_environment_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_environment().duetml_second_factor is False
    monkeypatch.setenv("DUETML_SECOND_FACTOR", "1")
    assert read_environment().duetml_second_factor is True


def test_where_it_is_off_a_password_is_enough(ann: User, settings: Settings) -> None:
    settings.SECOND_FACTOR = False
    assert logged_in().get("/study/").status_code == 200
    assert logged_in().get("/admin/").status_code == 200


@pytest.mark.parametrize("page", ["/", "/study/", "/pools/", "/studio/", "/admin/", "/rating/"])
def test_no_page_answers_staff_with_a_password_only(ann: User, page: str) -> None:
    answer = logged_in().get(page)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(SECOND)


def test_an_act_of_staff_with_a_password_only_is_not_done(ann: User) -> None:
    answer = logged_in().post("/admin/auth/user/add/", {"username": "eve"})
    assert answer.headers["Location"].startswith(SECOND)


def test_whoever_has_no_device_is_led_to_enrol_and_back(ann: User) -> None:
    client = logged_in()
    pages = client.get("/study/?x=1", follow=True)
    secret = secret_on(pages.content.decode())
    sent = {"code": code_of(secret), "next": "/study/?x=1"}
    assert 'href="/study/?x=1"' in client.post(ENROL, sent).content.decode()
    assert client.get("/study/").status_code == 200


def test_the_secret_is_a_picture_without_inline_style_and_a_text(ann: User) -> None:
    page = logged_in().get(ENROL)
    assert "<svg" in page.content.decode()
    assert "style=" not in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]


def test_a_wrong_code_enrols_nobody(ann: User) -> None:
    client = logged_in()
    secret = secret_on(client.get(ENROL).content.decode())
    assert client.post(ENROL, {"code": code_of(secret, steps=9)}).status_code == 422
    assert client.get("/study/").status_code == 302


def test_another_session_enrols_with_another_secret(ann: User) -> None:
    first = secret_on(logged_in().get(ENROL).content.decode())
    assert secret_on(logged_in().get(ENROL).content.decode()) != first


def test_who_has_a_device_cannot_enrol_another_by_password(ann: User) -> None:
    enrolled()
    late = logged_in()
    assert late.get(ENROL).headers["Location"] == SECOND
    assert late.post(ENROL, {"code": "000000"}).headers["Location"] == SECOND


def test_the_next_login_asks_for_a_code_and_opens_with_it(ann: User) -> None:
    secret, _codes, _client = enrolled()
    late = logged_in()
    assert late.get("/study/").headers["Location"] == f"{SECOND}?next=%2Fstudy%2F"
    answer = late.post(SECOND, {"code": code_of(secret, steps=1), "next": "/study/"})
    assert answer.headers["Location"] == "/study/"
    assert late.get("/study/").status_code == 200


def test_a_code_is_taken_as_a_phone_may_write_it(ann: User) -> None:
    secret, _codes, _client = enrolled()
    code = code_of(secret, steps=1).translate({ord("0") + n: ord("０") + n for n in range(10)})
    answer = logged_in().post(SECOND, {"code": f"{code[:3]} {code[3:]}"})
    assert answer.status_code == 302


@pytest.mark.parametrize("code", ["", "abc", "1" * 5000, "nul\0", "12345678"])
def test_a_wrong_code_opens_nothing(ann: User, code: str) -> None:
    enrolled()
    late = logged_in()
    assert late.post(SECOND, {"code": code}).status_code == 422
    assert late.get("/study/").status_code == 302


def test_a_code_that_was_used_opens_nothing_more(ann: User) -> None:
    secret, _codes, _client = enrolled()
    code = code_of(secret, steps=1)
    assert logged_in().post(SECOND, {"code": code}).status_code == 302
    assert logged_in().post(SECOND, {"code": code}).status_code == 422


def test_there_are_ten_recovery_codes_and_each_opens_once(ann: User) -> None:
    _secret, codes, _client = enrolled()
    assert len(set(codes)) == 10
    late = logged_in()
    assert late.post(SECOND, {"code": codes[3].upper()}).status_code == 302
    assert late.get("/study/").status_code == 200
    assert logged_in().post(SECOND, {"code": codes[3]}).status_code == 422


def test_recovery_codes_are_shown_once(ann: User) -> None:
    _secret, codes, client = enrolled()
    later = client.get(ENROL, follow=True).content.decode()
    assert not any(code in later for code in codes)


def test_after_wrong_codes_even_the_right_one_has_to_wait(ann: User) -> None:
    secret, _codes, _client = enrolled()
    late = logged_in()
    for _ in range(3):
        wait(seconds=60)
        assert late.post(SECOND, {"code": "000000"}).status_code == 422
    assert late.post(SECOND, {"code": code_of(secret, steps=1)}).status_code == 429
    wait(seconds=60)
    assert late.post(SECOND, {"code": code_of(secret, steps=1)}).status_code == 302


def test_a_code_of_somebody_else_opens_nothing(ann: User) -> None:
    secret, _codes, _client = enrolled()
    User.objects.create_user("bob", is_staff=True)
    other = Client()
    other.force_login(User.objects.get(username="bob"))
    TOTPDevice.objects.create(user=User.objects.get(username="bob"), name="app")
    assert other.post(SECOND, {"code": code_of(secret, steps=1)}).status_code == 422


def test_it_leads_to_no_other_site(ann: User) -> None:
    secret, _codes, _client = enrolled()
    sent = {"code": code_of(secret, steps=1), "next": "https://elsewhere.example/"}
    assert logged_in().post(SECOND, sent).headers["Location"] == "/"


def test_after_a_reset_the_open_session_ends_and_the_next_enrols(ann: User) -> None:
    _secret, _codes, client = enrolled()
    call_command("second_factor_reset", "ann", stdout=StringIO())
    assert client.get("/study/").headers["Location"].startswith(SECOND)
    assert secret_on(logged_in().get(ENROL).content.decode())


@pytest.mark.parametrize("name", ["ann", "nobody"])
def test_a_reset_of_nothing_says_so(ann: User, name: str) -> None:
    with pytest.raises(CommandError, match=name):
        call_command("second_factor_reset", name)


def test_whoever_is_not_staff_is_asked_for_nothing() -> None:
    rater = Client()
    rater.force_login(make_world(1, 1, slug="rated").raters[0].user)
    assert rater.get("/rating/").status_code == 200
    assert rater.get(SECOND).status_code == 404
    assert Client().get("/").status_code == 200


def test_what_everybody_needs_answers_before_the_code(ann: User) -> None:
    client = logged_in()
    assert client.get("/login/").status_code == 200
    assert client.get("/healthz").status_code == 200
    assert client.post("/i18n/setlang/", {"language": "ja"}).headers["Location"] == "/"
    assert client.post("/logout/").headers["Location"] == "/login/"
