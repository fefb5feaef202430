"""The monitor: problems first, a page at a time, a constant number of queries, and blind."""

import re
from datetime import datetime
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from duetml.live.log import ClientStamp, everything, last_seq, record
from duetml.live.models import Stream
from duetml.workspace.models import AgentCall, Workspace
from duetml.workspace.services.actions import perform
from duetml.workspace.services.refusal import Refused
from study import flow_queries, monitor_queries, queries
from study.models import AuditEntry, InterviewNote, Membership, Notice, Participant, StepRun, Study
from study.monitor_queries import Wanted
from study.rules.consort import Told, fact
from study.rules.troubles import Trouble
from study.services import exclusion, notes, notices, steps, studies
from tests import studies as helper
from tests.people import a_workspace
from tests.studies import MINUTE, NOON, be, enrol, person, walk_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return helper.open_study()


def codes_of(study: Study, wanted: Wanted, now: datetime, size: int = 50) -> list[str]:
    return [one.code for one in monitor_queries.page(study, wanted, "en", now, size).rows]


def test_who_is_away_while_the_clock_runs_comes_first(study: Study) -> None:
    working, resting = enrol(study), enrol(study)
    now = walk_to(working, "free", NOON) + 12 * MINUTE
    walk_to(resting, "consent", NOON)
    steps.arrive(resting, now)

    found = monitor_queries.page(study, Wanted(), "en", now)

    assert [one.code for one in found.rows] == [person(working).code, person(resting).code]
    assert found.rows[0].troubles[0] is Trouble.OFFLINE
    assert found.needing == 1


def test_who_is_there_and_does_nothing_is_silent_until_they_act(study: Study) -> None:
    who = enrol(study)
    began = walk_to(who, "free", NOON)
    workspace = StepRun.objects.get(participant=who, key="free").workspace
    assert workspace is not None
    now = began + 6 * MINUTE
    Workspace.objects.filter(pk=workspace.pk).update(seen_at=now)

    before = monitor_queries.row(study, who, "en", now)
    ranked = monitor_queries.page(study, Wanted(problems_only=True), "en", now)
    perform(workspace.id, "category.create", {"name": "a"}, ClientStamp(uuid4()), now)
    after = monitor_queries.row(study, who, "en", now)

    assert before.troubles[0] is Trouble.SILENT
    assert [one.id for one in ranked.rows] == [who]
    assert Trouble.SILENT not in after.troubles
    assert after.acted_at == now


def test_pages_follow_one_another_without_a_gap_in_every_order(study: Study) -> None:
    everybody = {person(enrol(study, NOON + number * MINUTE)).code for number in range(7)}

    for order in monitor_queries.ORDERS:
        seen, after = [], ""
        while True:
            wanted = Wanted(order=order, after=after)
            found = monitor_queries.page(study, wanted, "en", NOON + 9 * MINUTE, size=3)
            seen += [one.code for one in found.rows]
            after = found.next
            if not after:
                break
        assert (order, len(seen), set(seen)) == (order, 7, everybody)


def test_a_row_needs_somebody_where_the_count_says_so(study: Study, ann: Client) -> None:
    away, done = enrol(study), enrol(study)
    now = walk_to(away, "free", NOON) + 12 * MINUTE
    walk_to(done, "end", NOON)
    StepRun.objects.filter(participant=done, key="free").update(flags=["late"])

    found = monitor_queries.page(study, Wanted(), "en", now)
    page = ann.get("/study/walk/live/").content.decode()

    assert {one.code for one in found.rows if one.needs} == {person(away).code}
    assert found.needing == 1
    row = page[page.index(person(done).code) :]
    assert row.index("<td>–</td>") < row.index("something came late")


def test_pilots_are_counted_apart_once_the_study_is_open(ann: Client) -> None:
    studies.create("other", helper.OFFLINE, now=NOON, by=User.objects.get())
    study = studies.pilot("other", NOON, helper.OVERRIDES)
    enrol(study)
    piloted = monitor_queries.page(study, Wanted(), "en", NOON)
    study = studies.open_study("other", NOON, helper.OVERRIDES)
    enrol(study)
    enrol(study)
    studies.close_study("other", NOON)
    study = Study.objects.get(slug="other")

    found, totals = monitor_queries.page(study, Wanted(), "en", NOON), queries.totals(study)
    live, own = (ann.get(f"/study/other/{at}").content.decode() for at in ("live/", ""))

    assert (piloted.counts["active"], sum(piloted.pilots.values())) == (1, 0)
    assert (found.counts["active"], found.pilots["active"], found.clocks) == (2, 1, 3)
    assert (totals.active, totals.pilots, totals.pilots_active) == (2, 1, 1)
    assert "2 at it" in live
    assert "(pilots counted apart: 1 at it, 0 completed)" in live
    assert "(counted apart: 1 pilot, 1 at it)" in own


def test_only_a_study_that_is_not_open_yet_has_things_to_do_before_it_opens(ann: Client) -> None:
    studies.create("other", helper.OFFLINE, now=NOON, by=User.objects.get())
    draft = ann.get("/study/other/").content.decode()
    studies.open_study("other", NOON, helper.OVERRIDES)
    opened = ann.get("/study/other/").content.decode()
    studies.close_study("other", NOON)
    closed = ann.get("/study/other/").content.decode()

    assert "Before it opens" in draft
    assert "Before it opens" not in opened + closed
    assert "In the way on this machine" in opened
    assert "In the way" not in closed


def test_a_search_finds_the_beginning_of_a_code(study: Study) -> None:
    wanted = person(enrol(study))
    enrol(study)

    assert codes_of(study, Wanted(search=wanted.code.lower()), NOON) == [wanted.code]


@pytest.mark.parametrize("after", ["x", "bnVsbA==", "W10=", "WyJhIiwgMSwgMl0="])
def test_a_forged_cursor_gives_the_first_page(study: Study, after: str) -> None:
    who = enrol(study)

    assert codes_of(study, Wanted(after=after), NOON) == [person(who).code]


def test_the_number_of_queries_does_not_depend_on_the_number_of_people(study: Study) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            monitor_queries.page(study, Wanted(), "en", NOON + 20 * MINUTE)
        return len(captured)

    walk_to(enrol(study), "free", NOON)
    queries()  # the protocol is read once
    few = queries()
    for number in range(9):
        walk_to(enrol(study), "free" if number % 2 else "about_you", NOON + number * MINUTE)

    assert queries() == few <= 10


def test_the_flow_is_drawn_from_the_log_and_adds_up(study: Study) -> None:
    done, gone, out = enrol(study), enrol(study), enrol(study)
    walk_to(done, "end", NOON)
    walk_to(gone, "free", NOON)
    walk_to(out, "end", NOON)
    exclusion.exclude(out, "Wrote down that a friend did it.", "ann", NOON)

    found = flow_queries.flow(study)

    arm = found.arms[0]
    assert (found.enrolled, found.assigned, len(found.arms)) == (3, 3, 1)
    assert (arm.analysed, arm.under_way) == (1, 1)
    assert arm.excluded == {"Wrote down that a friend did it.": 1}


def test_the_rows_of_steps_and_the_log_tell_the_same_flow(study: Study) -> None:
    for key in ("consent", "about_you", "free", "requirement", "end"):
        walk_to(enrol(study), key, NOON)

    by_log = []
    for one in Participant.objects.order_by("pk"):
        events = [Told(event.kind, event.payload) for event in everything(one.stream)]
        by_log.append(fact(events, one.condition))

    assert list(flow_queries.facts(study)) == by_log


def test_the_flow_tells_conditions_apart_when_unlocked(study: Study) -> None:
    walk_to(enrol(study), "end", NOON)
    studies.close_study("walk", NOON)
    unlocked = studies.unlock("walk", "ann", NOON)

    arms = flow_queries.flow(unlocked).arms

    assert sorted(arm.condition for arm in arms) == ["baseline", "duetml"]
    assert sum(arm.analysed for arm in arms) == 1


@pytest.fixture
def ann(study: Study, client: Client) -> Client:
    """Somebody of the staff at the study's pages."""
    user = User.objects.create_user("ann", is_staff=True)
    role = {"role": "experimenter"}
    Membership.objects.update_or_create(study=study, user=user, defaults=role)
    client.force_login(user)
    return client


def test_a_reason_is_asked_for_and_told_with_who_did_it(study: Study, ann: Client) -> None:
    who = person(enrol(study))
    address = f"/study/walk/people/{who.code}/act/"

    ann.post(address, {"act": "exclude", "reason": " "})
    assert person(who.pk).excluded_at is None
    ann.post(address, {"act": "exclude", "reason": "Took part twice."})

    found = person(who.pk)
    assert (found.excluded_by, found.exclusion_reason) == ("ann", "Took part twice.")
    event = [one for one in everything(found.stream) if one.kind == "participant.excluded"]
    assert [one.payload for one in event] == [{"reason": "Took part twice.", "by": "ann"}]
    entry = AuditEntry.objects.get(action="monitor.exclude")
    assert (entry.user, entry.what, entry.details) == (
        "ann",
        who.code,
        {"reason": "Took part twice."},
    )


def test_who_was_left_out_can_count_again(study: Study, ann: Client) -> None:
    who = person(enrol(study))
    address = f"/study/walk/people/{who.code}/act/"
    ann.post(address, {"act": "exclude", "reason": "Took part twice."})

    ann.post(address, {"act": "readmit", "reason": "It was a namesake."})

    assert person(who.pk).excluded_at is None
    kinds = [one.kind for one in everything(who.stream)]
    assert kinds[-2:] == ["participant.excluded", "participant.readmitted"]


def test_nobody_is_left_out_once_the_results_are_unlocked(study: Study) -> None:
    who = enrol(study)
    studies.close_study("walk", NOON)
    studies.unlock("walk", "ann", NOON)

    with pytest.raises(Refused):
        exclusion.exclude(who, "Too good.", "ann", NOON)


def test_a_message_is_on_the_participants_page_until_it_is_read(study: Study, ann: Client) -> None:
    who = person(enrol(study))
    theirs = Client()
    be(theirs, who.pk)

    ann.post(
        f"/study/walk/people/{who.code}/act/", {"act": "message", "reason": "Five <b>more</b>."}
    )
    shown = theirs.get("/study/notices/").content.decode()
    notice = Notice.objects.get()
    read = theirs.post(f"/study/notices/{notice.pk}/read/", headers={"x-requested-with": "fetch"})

    assert "Five &lt;b&gt;more&lt;/b&gt;." in shown
    assert read.status_code == 204
    assert "Five" not in theirs.get("/study/notices/").content.decode()
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "not read yet" not in ann.get(f"/study/walk/people/{who.code}/").content.decode()


def test_nobody_reads_the_messages_of_others(study: Study, client: Client) -> None:
    who, other = enrol(study), enrol(study)
    notice = notices.send(who, "For you.", "ann", NOON)
    be(client, other)

    client.post(f"/study/notices/{notice.pk}/read/")

    assert "For you." not in client.get("/study/notices/").content.decode()
    notice.refresh_from_db()
    assert notice.read_at is None


def test_pausing_and_extending_everybody_is_told_in_the_list(study: Study, ann: Client) -> None:
    who = enrol(study, timezone.now())
    walk_to(who, "before_practice", timezone.now())

    ann.post("/study/walk/live/act/", {"act": "pause", "reason": "Fire alarm."})
    paused = ann.get("/study/walk/live/").content.decode()
    ann.post("/study/walk/live/act/", {"act": "resume"})

    assert "Fire alarm." in paused
    assert ">paused<" in paused.replace("\n", "")
    assert "Fire alarm." not in ann.get("/study/walk/live/").content.decode()
    acts = AuditEntry.objects.filter(action__startswith="monitor.").order_by("pk")
    assert [one.action for one in acts] == ["monitor.pause", "monitor.resume"]


def test_what_the_browser_has_is_not_sent_again(study: Study, ann: Client) -> None:
    enrol(study)

    first = ann.get("/study/walk/live/rows/")
    again = ann.get("/study/walk/live/rows/", headers={"if-none-match": first["ETag"]})
    exclusion.exclude(Participant.objects.get().pk, "Late.", "ann", NOON)
    changed = ann.get("/study/walk/live/rows/", headers={"if-none-match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert changed.status_code == 200


PAGES = (
    "/study/walk/live/",
    "/study/walk/live/rows/",
    "/study/walk/live/flow/",
    "/study/walk/people/{code}/",
    "/study/walk/replay/{workspace}/",
    "/study/walk/replay/{workspace}/events/",
)
ANY = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


def all_pages(client: Client, who: Participant, workspace: Workspace) -> list[str]:
    given = {"code": who.code, "workspace": workspace.pk}
    got = [client.get(page.format(**given)) for page in PAGES]
    assert [one.status_code for one in got] == [200] * len(PAGES)
    return [ANY.sub("", one.content.decode()) for one in got]


def become(who: Participant, workspace: Workspace, condition: str) -> None:
    """The twin in another condition: the same life, with its settings; and what only its agents
    leave behind."""
    protocol = who.protocol.read()
    features = next(one.features for one in protocol.conditions if one.key == condition)
    settings = workspace.settings_json | {"features": features.model_dump()}
    Workspace.objects.filter(pk=workspace.pk).update(settings_json=settings)
    Participant.objects.filter(pk=who.pk).update(condition=condition, settings_json=settings)
    stream = Stream.objects.get(key=who.stream)
    for event in stream.events.filter(kind="participant.assigned"):
        event.payload["condition"] = condition
        event.save()


def test_every_page_is_the_same_to_the_byte_for_a_twin_of_another_condition(
    study: Study, ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = person(enrol(study))
    now = walk_to(who.pk, "free", NOON)
    workspace = StepRun.objects.get(participant=who, key="free").workspace
    assert workspace is not None
    stamp = ClientStamp(uuid4())
    perform(workspace.id, "category.create", {"name": "a"}, stamp, now)
    notes.write(who.pk, "Hesitates.", ["doubt"], "ann", now, notes.Moment(workspace.pk, 2))
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + MINUTE)
    who = person(who.pk)
    become(who, workspace, "baseline")
    plain = all_pages(ann, who, workspace)

    become(who, workspace, "duetml")
    with transaction.atomic():
        talk(workspace, now)

    for page, one, other in zip(PAGES, plain, all_pages(ann, who, workspace), strict=True):
        assert one == other, page


def talk(workspace: Workspace, now: datetime) -> None:
    """What the agents' condition leaves in the log beside what both have."""
    call = str(uuid4())
    asked = {"call": call, "agent": "proactive", "trigger": "timer"}
    record(workspace.stream, "agent.called", asked, at=now)
    failed = asked | {"reason": "timeout"}
    record(workspace.stream, "agent.failed", failed, at=now)
    AgentCall.objects.create(
        workspace=workspace,
        agent="proactive",
        trigger="timer",
        provider="openai",
        queued_at=now,
        state="failed",
        outcome="failed",
    )


def test_what_was_said_is_replayed_once_the_results_are_unlocked(study: Study, ann: Client) -> None:
    who = person(enrol(study))
    now = walk_to(who.pk, "free", NOON)
    workspace = StepRun.objects.get(participant=who, key="free").workspace
    assert workspace is not None
    become(who, workspace, "duetml")
    with transaction.atomic():
        talk(workspace, now)
    address = f"/study/walk/replay/{workspace.pk}/events/"

    before = ann.get(address).json()["events"]
    studies.close_study("walk", NOON)
    studies.unlock("walk", "ann", NOON)
    after = ann.get(address).json()["events"]

    assert not any(one["kind"].startswith("agent.") for one in before)
    assert [one["kind"] for one in after[-2:]] == ["agent.called", "agent.failed"]
    assert [one["seq"] for one in before] == list(range(1, len(before) + 1))
    assert [one["seq"] for one in after] == list(range(1, len(after) + 1))


def test_a_note_leads_to_its_moment_and_every_version_is_kept(study: Study, ann: Client) -> None:
    who = person(enrol(study))
    now = walk_to(who.pk, "free", NOON)
    workspace = StepRun.objects.get(participant=who, key="free").workspace
    assert workspace is not None
    with transaction.atomic():
        talk(workspace, now)  # events that nobody is shown yet
    perform(workspace.id, "category.create", {"name": "a"}, ClientStamp(uuid4()), now)
    shown = ann.get(f"/study/walk/replay/{workspace.pk}/events/").json()["events"]

    given = {"text": "=Hesitates", "codes": "doubt, first  try, doubt", "workspace": workspace.pk}
    ann.post(f"/study/walk/people/{who.code}/note/", given | {"event": len(shown)})
    note = InterviewNote.objects.get()
    replayed = ann.get(f"/study/walk/replay/{workspace.pk}/?note={note.pk}").content.decode()
    ann.post(f"/study/walk/notes/{note.pk}/", {"text": "Stops.", "codes": "doubt"})
    table = ann.get("/study/walk/notes/table.csv").content.decode()

    assert note.event_seq == last_seq(workspace.stream)
    assert note.codes == ["doubt", "first try"]
    assert f'data-start="{len(shown)}"' in replayed
    assert f'href="#event={len(shown)}"' in replayed
    kept = [one.payload["text"] for one in everything(who.stream) if "note" in one.kind]
    assert kept == ["=Hesitates", "Stops."]
    assert f"{who.code},{workspace.pk},,{note.at.isoformat()}" in table
    assert table.endswith(",ann,doubt,Stops.\r\n")


def test_a_note_belongs_to_no_other_participants_workspace(study: Study) -> None:
    who, other = enrol(study), enrol(study)
    walk_to(other, "free", NOON)
    workspace = StepRun.objects.get(participant=other, key="free").workspace
    assert workspace is not None

    with pytest.raises(Refused):
        notes.write(who, "Hm.", [], "ann", NOON, notes.Moment(workspace.pk, 1))


def test_answers_given_after_the_assignment_are_held_back_until_the_unlocking(
    study: Study, ann: Client
) -> None:
    who = person(enrol(study))
    walk_to(who.pk, "end", NOON)
    address = f"/study/walk/people/{who.code}/"

    before = ann.get(address).content.decode()
    studies.close_study("walk", NOON)
    studies.unlock("walk", "ann", NOON)
    after = ann.get(address).content.decode()

    mental = "Mental demand: how much did you have to think"
    assert "Can be read when the results are unlocked" in before
    assert mental not in before
    assert mental in after


def test_pages_of_other_studies_workspaces_are_not_there(study: Study, ann: Client) -> None:
    workspace = a_workspace()

    assert ann.get(f"/study/walk/replay/{workspace.pk}/").status_code == 404


def test_who_does_not_run_a_study_reads_neither_answers_nor_notes_before_the_unlocking(
    study: Study, ann: Client
) -> None:
    who = person(enrol(study))
    walk_to(who.pk, "free", NOON)
    notes.write(who.pk, "Asked the Assistant twice.", [], "ann", NOON)
    Membership.objects.update(role="viewer")

    page = ann.get(f"/study/walk/people/{who.code}/").content.decode()
    blind = ann.get("/study/walk/notes/").content.decode()
    studies.close_study("walk", NOON)
    studies.unlock("walk", "ann", NOON)
    unlocked = ann.get("/study/walk/notes/").content.decode()

    assert "Asked the Assistant" not in page + blind
    assert 'class="form' not in page
    assert "Answers" not in page
    assert "Asked the Assistant twice." in unlocked
