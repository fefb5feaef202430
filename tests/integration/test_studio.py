"""The studio: a workspace without a study, and previews of any features on a pool."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from duetml.features import PRESETS, Features
from duetml.live.log import everything
from duetml.workspace import feature_words
from duetml.workspace.models import Message, Workspace
from duetml.workspace.services import studio
from duetml.workspace.views.studio import MOST
from tests.people import NOW, a_pool, kinds

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_studio(settings: Settings) -> Settings:
    settings.STUDIO = True
    return settings


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client


def begin(client: Client, pool: str = "", **ticked: str) -> Workspace:
    reply = client.post("/studio/", {"pool": pool} | ticked)
    return Workspace.objects.get(pk=UUID(reply.headers["Location"].split("/")[-2]))


def page(client: Client, address: str) -> str:
    return client.get(address, follow=True).content.decode()


def test_beginning_makes_a_workspace_with_everything_and_without_a_clock(
    open_studio: Settings, client: Client
) -> None:
    a_pool("animals", 5)

    workspace = begin(client, "animals")

    assert workspace.settings.features == PRESETS["studio"]
    assert (workspace.closes_at, workspace.task) == (None, "")
    assert workspace.offered.count() == 5
    told = page(client, f"/studio/{workspace.pk}/")
    assert f'data-workspace="{workspace.pk}"' in told
    assert "data-closes-at" not in told
    image = workspace.offered.earliest("position").image_id
    assert client.get(f"/workspace/{workspace.pk}/image/{image}/thumb.jpg").status_code == 200


def test_own_pictures_only_is_a_choice(open_studio: Settings, client: Client) -> None:
    workspace = begin(client)
    assert workspace.pool is None
    assert workspace.offered.count() == 0
    assert "My own pictures" in page(client, f"/studio/{workspace.pk}/")


def test_looking_at_the_start_page_makes_nothing(open_studio: Settings, client: Client) -> None:
    assert "Teach a computer to see" in page(client, "/studio/")
    assert not Workspace.objects.exists()


def test_coming_back_goes_on_where_one_was_last(open_studio: Settings, client: Client) -> None:
    first, second = begin(client), begin(client)
    assert client.get("/studio/").headers["Location"] == f"/studio/{second.pk}/"
    client.get(f"/studio/{first.pk}/")
    assert client.get("/studio/").headers["Location"] == f"/studio/{first.pk}/"


def test_starting_afresh_keeps_the_older_ones_in_a_list(
    open_studio: Settings, client: Client
) -> None:
    older = [begin(client), begin(client)]
    told = page(client, "/studio/new/")
    listed = re.findall(r'href="/studio/([-0-9a-f]{36})/"', told)
    assert listed == [str(one.pk) for one in reversed(older)]


def test_another_browser_does_not_get_in(open_studio: Settings, client: Client) -> None:
    workspace = begin(client)
    assert Client().get(f"/studio/{workspace.pk}/").status_code == 404


def test_a_session_has_a_limited_number_of_workspaces(
    open_studio: Settings, client: Client
) -> None:
    for _ in range(MOST):
        begin(client)
    reply = client.post("/studio/", {"pool": ""})
    assert reply.status_code == 422
    assert "Go on in one of them" in reply.content.decode()
    assert Workspace.objects.count() == MOST


@pytest.mark.parametrize("pool", ["unknown", "empty", "a\0b"])
def test_a_pool_that_offers_nothing_makes_no_workspace(
    open_studio: Settings, client: Client, pool: str
) -> None:
    a_pool("empty", 0)
    assert client.post("/studio/", {"pool": pool}).status_code == 404
    assert not Workspace.objects.exists()


def test_the_workspace_speaks_the_language_that_was_chosen(
    open_studio: Settings, client: Client
) -> None:
    client.cookies["django_language"] = "ja"
    workspace = begin(client)
    assert workspace.language == "ja"
    assert re.search("[ぁ-ん]", Message.objects.get().text)

    client.cookies["django_language"] = "en"
    assert 'lang="en"' in page(client, f"/studio/{workspace.pk}/")
    client.get(f"/studio/{workspace.pk}/")

    workspace.refresh_from_db()
    assert workspace.language == "en"
    assert kinds(workspace).count("workspace.language_changed") == 1
    newest = list(everything(workspace.stream))[-1]
    assert newest.payload == {"language": "en", "was": "ja"}


def test_a_few_pictures_of_a_pool_can_be_seen_before_beginning_and_no_others(
    open_studio: Settings, client: Client
) -> None:
    pool = a_pool("animals", 9)
    shown = re.findall(r"/studio/sample/\d+/[-0-9a-f]{36}\.jpg", page(client, "/studio/"))
    images = sorted(pool.entries.values_list("image_id", flat=True))
    assert [address.split("/")[-1][:-4] for address in shown] == [str(one) for one in images[:6]]
    assert {client.get(address).status_code for address in shown} == {200}
    hidden = f"/studio/sample/{pool.pk}/{images[6]}.jpg"
    assert client.get(hidden).status_code == 404


def test_no_name_of_a_file_reaches_the_start_page(open_studio: Settings, client: Client) -> None:
    a_pool("animals", 9)
    assert "kind/" not in page(client, "/studio/")


def test_the_start_page_says_what_this_machine_lacks(open_studio: Settings, client: Client) -> None:
    told = page(client, "/studio/")
    assert "has not learned to see yet" in told
    assert "No language model is connected" in told
    open_studio.OPENAI_API_KEY = "key"
    assert "No language model" not in page(client, "/studio/")


def test_pictures_leave_only_where_the_box_was_shown_and_ticked(
    open_studio: Settings, client: Client
) -> None:
    assert "shares_images" not in page(client, "/studio/new/")  # nobody to send them to
    open_studio.OPENAI_API_KEY = "key"
    told = page(client, "/studio/new/")
    assert re.findall(r'name="shares_images"[^>]* checked', told) != []
    assert told.index("shares_images") < told.index(">Begin<")

    ticked = [begin(client, shares_images="on"), begin(client)]

    assert [one.shares_images for one in ticked] == [True, False]


def test_without_a_vendor_a_forged_tick_is_none(open_studio: Settings, client: Client) -> None:
    assert begin(client, shares_images="on").shares_images is False


def test_settings_follow_what_this_machine_has(settings: Settings) -> None:
    here = studio.settings_here(PRESETS["studio"])
    assert (here.agents.provider, here.model.weights) == ("offline", "untrained")
    settings.OPENAI_API_KEY, settings.OPENAI_MODEL = "key", "another"
    there = studio.settings_here(PRESETS["baseline"])
    assert (there.agents.provider, there.agents.model) == ("openai", "another")
    assert there.features == PRESETS["baseline"]


def test_a_large_pool_leaves_room_for_own_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "MOST_IMAGES", 7)
    monkeypatch.setattr(studio, "FOR_OWN_PICTURES", 3)
    workspace = studio.create(a_pool("big", 9), PRESETS["studio"], "en", NOW, seed=1)
    assert workspace.offered.count() == 4


def test_where_it_is_off_only_staff_get_in(staff: Client) -> None:
    assert Client().get("/studio/").headers["Location"].startswith("/login/")
    assert "Teach a computer to see" in page(staff, "/studio/")
    assert 'href="/studio/"' not in page(Client(), "/")


def test_the_home_page_offers_it_where_it_is_on(open_studio: Settings) -> None:
    assert 'href="/studio/"' in page(Client(), "/")


# Previews


@pytest.mark.parametrize("preset", PRESETS)
def test_staff_try_a_preset_on_a_pool(staff: Client, preset: str) -> None:
    a_pool("animals", 3)
    reply = staff.post("/pools/animals/try/", {"preset": preset}, follow=True)
    workspace = Workspace.objects.get()
    assert reply.redirect_chain == [(f"/studio/{workspace.pk}/", 302)]
    assert workspace.settings.features == PRESETS[preset]
    assert ('id="chat"' in reply.content.decode()) == PRESETS[preset].chat


def test_staff_try_a_mix_of_features(staff: Client) -> None:
    a_pool("animals", 3)
    staff.post("/pools/animals/try/", {"feature": ["quality", "map", "unknown"]})
    features = Workspace.objects.get().settings.features
    assert features == Features(upload=False, quality=True, map=True)


@pytest.mark.parametrize(
    ("chosen", "shared"),
    [
        ({"preset": "studio", "shares_images": "on"}, True),
        ({"preset": "studio"}, False),
        ({"preset": "baseline", "shares_images": "on"}, False),
        ({"feature": ["chat", "map"], "shares_images": "on"}, True),
    ],
)
def test_a_trial_sends_pictures_only_to_an_assistant_and_with_a_tick(
    staff: Client, settings: Settings, chosen: dict[str, Any], shared: bool
) -> None:
    a_pool("animals", 3)
    assert "shares_images" not in page(staff, "/pools/animals/try/")
    settings.OPENAI_API_KEY = "key"
    assert page(staff, "/pools/animals/try/").count('name="shares_images"') == 2

    staff.post("/pools/animals/try/", chosen)

    assert Workspace.objects.get().shares_images is shared


def test_a_mix_that_cannot_be_is_told_with_what_was_ticked(staff: Client) -> None:
    a_pool("animals", 3)
    reply = staff.post("/pools/animals/try/", {"feature": ["ask_data", "map"]})
    told = reply.content.decode()
    assert reply.status_code == 422
    assert "switch the chat on too" in told
    assert re.findall(r'value="(\w+)"[^>]* checked', told) == ["ask_data", "map"]
    assert not Workspace.objects.exists()


def test_every_feature_is_described_in_both_languages(staff: Client) -> None:
    a_pool("animals", 1)
    fields: dict[str, Any] = dict(Features.model_fields)
    with translation.override("en"):
        said = {name: str(words) for name, words in feature_words.DESCRIPTIONS.items()}
    assert said == {name: field.description for name, field in fields.items()}
    assert feature_words.NAMES.keys() == fields.keys()
    with translation.override("ja"):
        for words in (*feature_words.DESCRIPTIONS.values(), *feature_words.NAMES.values()):
            assert re.search("[ぁ-んァ-ン一-龥]", str(words))
