"""What an open study draws from stays, though nobody has come yet."""

from contextlib import suppress

import pytest
from django.contrib.auth.models import User
from django.test import Client

from duetml.workspace.models import Pool
from duetml.workspace.services import pools
from duetml.workspace.services.refusal import Refused
from study.services import studies
from tests.studies import NOON, OFFLINE, enrol, open_study, walk_to
from tests.studies import pools as fill_pools

pytestmark = pytest.mark.django_db


def test_a_pool_of_an_open_study_cannot_be_deleted_before_the_first_has_come(
    client: Client,
) -> None:
    study = open_study()
    client.force_login(User.objects.create_user("ann", is_staff=True))
    names = {step.pool for step in study.protocol.read().steps if step.pool}

    for name in names:
        told = client.post(f"/pools/{name}/delete/", {"confirm": name}, follow=True)
        assert f"The open study “{study.slug}” needs the pictures" in told.content.decode()

    assert set(Pool.objects.values_list("name", flat=True)) >= names
    walk_to(enrol(study), "requirement", NOON)


def test_its_pictures_are_kept_as_many_as_it_needs() -> None:
    study = open_study()
    for pool in Pool.objects.all():
        for image in list(pool.entries.values_list("image_id", flat=True)):
            with suppress(Refused):
                pools.remove(pool.pk, image, "ann", NOON)
    walk_to(enrol(study), "requirement", NOON)


def test_a_closed_study_keeps_no_pool() -> None:
    study = open_study()
    studies.close_study(study.slug, NOON)
    pools.delete(Pool.objects.get(name="animals").pk, "ann", NOON)
    assert not Pool.objects.filter(name="animals").exists()


def test_a_draft_keeps_no_pool() -> None:
    fill_pools()
    studies.create("draft", OFFLINE, now=NOON, seed=1)
    pools.delete(Pool.objects.get(name="animals").pk, "ann", NOON)
    assert not Pool.objects.filter(name="animals").exists()
