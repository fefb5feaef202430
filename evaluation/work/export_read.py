"""The first half of an export: all tables as CSV, from one state of the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluation.exports import schema
from evaluation.exports.columns import Table
from evaluation.exports.comparison import result_rows
from evaluation.exports.files import Row, clear_parts, write_table, written
from evaluation.exports.names import data_file
from evaluation.exports.options import Options
from evaluation.work import export_facts as facts
from evaluation.work import export_people as people
from evaluation.work import export_ratings, export_work
from evaluation.work.export_events import events
from evaluation.work.export_ledger import Ledger
from evaluation.work.export_notes import notes
from evaluation.work.export_outcomes import Outcomes, outcome_rows, outcomes
from evaluation.work.export_progress import Progress
from evaluation.work.export_scope import Scope, scope_of
from evaluation.work.export_snapshot import snapshot
from evaluation.work.export_told import Told
from evaluation.work.export_tries import attempts
from evaluation.work.export_wide import table_of, wide
from study.models import Study

LOCKED = (
    "Conditions, scores, raters' comments, results, the allocation sequence and its seed: the"
    " results are locked, so that nobody looks at them before the last rating is in.",
    "Chats, agents' calls, interview notes, and steps that only one condition has: they would tell"
    " who is in which condition. For the same reason events are numbered anew and their digests are"
    " left out.",
)
NO_TEXT = "Free text (chats, comments, notes, answers in words): it was not asked for."
NO_IMAGES = "Pictures: those of the pools and those of participants are listed by id and digest."


@dataclass(frozen=True)
class Read:
    """`results` are None where they are locked, or were computed by an earlier worker."""

    told: Told
    results: Outcomes | None


def read_tables(study: Study, options: Options, ledger: Ledger, progress: Progress) -> Read:
    """Write what the ledger does not have yet, all from one state; start anew where the study has
    moved on since another worker began."""
    clear_parts(ledger.folder)
    with snapshot():
        study.refresh_from_db()
        scope = scope_of(study, options)
        state = facts.state_of(scope)
        if ledger.is_read and ledger.facts["study"]["people"]["data_deleted"] == scope.deleted:
            return Read(Told.from_json(ledger.facts), None)
        ledger.begin(state)
        progress.expect(facts.rows_expected(scope) * len(options.formats))
        found = outcomes(study) if scope.unlocked else None
        listed = tables(scope, found)
        for table, rows in listed:
            _write(study, table, rows, options, ledger, progress)
        told = _told(scope, [table for table, _rows in listed])
        ledger.facts, ledger.is_read = told.as_json(), True
        ledger.save()
    return Read(told, found)


def tables(scope: Scope, found: Outcomes | None) -> Sequence[tuple[Table, Iterable[Row]]]:
    """Nothing is read before a table's rows are asked for."""
    listed: list[tuple[Table, Iterable[Row]]] = [
        (schema.PARTICIPANTS, people.participants(scope)),
        (schema.STEPS, people.steps(scope)),
        (schema.ATTEMPTS, attempts(scope)),
        (schema.RESPONSES, people.responses(scope)),
        (schema.RATINGS, export_ratings.ratings(scope)),
        (schema.OUTCOMES, outcome_rows(scope)),
        (schema.REPEATS, export_ratings.repeats(scope)),
        (schema.GUESSES, export_ratings.guesses(scope)),
        (schema.COMMENTS, export_ratings.comments(scope)),
        (schema.EVENTS, events(scope)),
        (schema.MESSAGES, export_work.messages(scope)),
        (schema.AGENT_CALLS, export_work.agent_calls(scope)),
        (schema.AGENT_SKIPS, export_work.agent_skips(scope)),
        (schema.TRAINING_RUNS, export_work.training_runs(scope)),
        (schema.TEST_RUNS, export_work.test_runs(scope)),
        (schema.NOTES, notes(scope)),
        (schema.SUBMISSIONS, people.submissions(scope)),
        (schema.IMAGES, export_work.images(scope)),
        (schema.ALLOCATION, people.allocation(scope)),
        (table_of(scope), wide(scope)),
    ]
    if found is not None:
        listed.append((schema.RESULTS, result_rows(found.participant, found.pooled)))
    return [(table, rows) for table, rows in listed if scope.unlocked or not table.locked]


def _write(
    study: Study,
    table: Table,
    rows: Iterable[Row],
    options: Options,
    ledger: Ledger,
    progress: Progress,
) -> None:
    path = data_file(study.slug, table.name)
    if path in ledger.rows:
        progress.tick(ledger.rows[path])
        return
    with (
        written(ledger.draft / path) as part,
        part.open("w", encoding="utf-8", newline="") as file,
    ):
        number = write_table(file, table, rows, free_text=options.free_text, tick=progress.tick)
    ledger.add(path, number)


def _told(scope: Scope, listed: Sequence[Table]) -> Told:
    options = scope.options
    withheld = [
        *(() if scope.unlocked else LOCKED),
        *(() if options.free_text else (NO_TEXT,)),
        *(() if options.images else (NO_IMAGES,)),
    ]
    return Told(
        about=facts.about(scope.study),
        options=options,
        unlocked=scope.unlocked,
        tables=listed,
        withheld=withheld,
        study=facts.study_facts(scope),
        allocation=facts.allocation_facts(scope),
        chains=facts.chains(scope),
        items=facts.item_words(scope),
        small_cells=facts.small_cells(scope),
        deleted=scope.deleted,
        images=export_work.shared_uploads(scope) if options.images else [],
    )
