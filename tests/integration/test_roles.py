"""Who of the staff may do what in a study: every address of a study, for every role."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from duetml.workspace.services.refusal import Refused
from study.models import AuditEntry, Membership, Study
from study.services import access
from tests.integration.test_access import (
    BODIES,
    MATRIX,
    World,
    _names,
    arguments,
    world,  # noqa: F401 - a fixture
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.roles]

SEE, RUN, DESIGN, EXPORT = "see", "run", "design", "export"
# What each address of a study takes. Whoever may not is told 403; whoever has no role, 404.
TAKES = {
    "study:study": SEE,
    "study:agents": SEE,
    "study:live": SEE,
    "study:live-rows": SEE,
    "study:live-flow": SEE,
    "study:live-act POST": RUN,
    "study:person": SEE,
    "study:person-act POST": RUN,
    "study:notes": SEE,
    "study:notes-table": RUN,
    "study:note-write POST": RUN,
    "study:note-change POST": RUN,
    "study:replay": RUN,
    "study:replay-events": RUN,
    "study:replay-picture": RUN,
    "study:links": RUN,
    "study:revoke_link POST": RUN,
    "study:general_link POST": RUN,
    "study:appointments": RUN,
    "study:remove_time POST": RUN,
    "study:protocol": DESIGN,
    "study:protocol POST": DESIGN,
    "study:protocol_file": SEE,
    "study:protocol-check POST": DESIGN,
    "study:allocation": DESIGN,
    "study:allocation POST": DESIGN,
    "study:preflight": DESIGN,
    "study:pilot POST": DESIGN,
    "study:members": DESIGN,
    "study:members POST": DESIGN,
    "study:audit": DESIGN,
    "study:open POST": DESIGN,
    "study:close POST": DESIGN,
    "study:unlock POST": DESIGN,
    "evaluation:results": SEE,  # while they are locked; then EXPORT
    "evaluation:plan": SEE,
    "evaluation:invite POST": RUN,
    "evaluation:withdraw POST": RUN,
    "evaluation:export": EXPORT,
    "evaluation:export-part": EXPORT,
    "evaluation:export-file": EXPORT,
}
MAY = {
    "owner": {SEE, RUN, DESIGN, EXPORT},
    "experimenter": {SEE, RUN},
    "analyst": {SEE},  # and EXPORT, once the results are unlocked
    "viewer": {SEE},
    "": set(),
}
# Reached without a role in the study: by participants, raters, or with a secret in the address.
OF_OTHERS = {
    "public",
    "enrol",
    "link",
    "enter",
    "step",
    "answer",
    "preview",
    "home",
    "withdraw",
    "new",
}


def member(role: str, *studies: Study) -> Client:
    user = User.objects.create_user(f"one {role}", is_staff=True)
    for study in studies if role else ():
        Membership.objects.create(study=study, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def status(row: str, client: Client, world: World) -> int:  # noqa: F811
    name = row.split()[0]
    address = reverse(name, args=arguments(row, world))
    if "POST" not in row.split():
        return client.get(address).status_code
    if name in BODIES:
        return client.post(address, BODIES[name], content_type="application/json").status_code
    return client.post(address, {"name": "nobody", "role": "viewer"}).status_code


@pytest.mark.parametrize("role", MAY)
def test_a_role_gets_what_its_acts_allow_and_nothing_else(role: str, world: World) -> None:  # noqa: F811
    client = member(role, world.study, world.submission.study)

    found = {row: status(row, client, world) for row in TAKES}

    if not role:
        assert set(found.values()) == {404}
        return
    refused = {row for row, code in found.items() if code == 403}
    assert refused == {row for row, act in TAKES.items() if act not in MAY[role]}
    assert max(found.values()) < 500


def test_every_address_of_a_study_takes_an_act() -> None:
    of_studies = {
        name
        for name in _names(get_resolver().url_patterns)
        if name.startswith("study:") and name.split(":")[1] not in OF_OTHERS
    }
    told = {row.split()[0] for row in TAKES} | PARTICIPANTS
    assert of_studies - told == set()


# The participant's own pages, held by the session.
PARTICIPANTS = {"study:book", "study:consent-copy", "study:notices", "study:notice-read"}


def test_an_analyst_reads_the_results_once_they_are_unlocked(world: World) -> None:  # noqa: F811
    study = world.submission.study
    analyst, viewer = member("analyst", study), member("viewer", study)
    address = reverse("evaluation:export", args=[study.slug])
    assert analyst.get(address).status_code == 403

    Study.objects.filter(pk=study.pk).update(unlocked_at=timezone.now())

    assert analyst.get(address).status_code == 200
    assert analyst.get(reverse("evaluation:results", args=[study.slug])).status_code == 200
    assert viewer.get(reverse("evaluation:results", args=[study.slug])).status_code == 403


def test_a_list_of_studies_holds_ones_own_only(world: World) -> None:  # noqa: F811
    page = member("viewer", world.study).get(reverse("study:home")).content.decode()

    assert world.study.slug in page
    assert reverse("study:study", args=[world.submission.study.slug]) not in page


def test_the_last_owner_stays(world: World) -> None:  # noqa: F811
    root = world.users["superuser"]
    Membership.objects.filter(study=world.study).delete()
    access.own(world.study, world.users["staff"])

    with pytest.raises(Refused, match="last"):
        access.take_out(world.study, "staff", root, timezone.now())
    with pytest.raises(Refused, match="last"):
        access.let_in(world.study, "staff", "viewer", root, timezone.now())

    assert Membership.objects.get(study=world.study).role == "owner"


def test_looks_are_noted_once_a_minute_and_changes_always(world: World) -> None:  # noqa: F811
    owner = member("owner", world.study)
    members = reverse("study:members", args=[world.study.slug])

    for _ in range(3):
        owner.get(members)
        owner.post(members, {"name": "staff", "role": "viewer"})

    noted = AuditEntry.objects.filter(study=world.study, user="one owner")
    assert [entry.action for entry in noted.order_by("pk")] == ["viewed"] + ["members.changed"] * 3


def test_the_matrix_of_roles_and_that_of_everybody_know_the_same_addresses() -> None:
    assert {row.split()[0] for row in TAKES} <= {row.split()[0] for row in MATRIX}
