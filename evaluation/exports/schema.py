"""What an export holds: every table and column in words. The code book is written from this."""

from evaluation.exports.columns import Column, Table

PERSON = Column("participant", "the participant's id in this export; no code, no name")
STEP = Column("step", "key of the step in the protocol")
RATER = Column("rater", "the rater's id in this export")
SUBMISSION = Column("submission", "id of the submission")
CRITERION = Column("criterion", "key of the criterion in the protocol")
CONDITION = Column(
    "condition", "condition the participant was assigned to; empty while the results are locked"
)
SCORE = Column("score", "1 (worst) to 5 (best); empty where the rater could not judge", "integer")
CANNOT_JUDGE = Column("reason", "why the rater could not judge", typed=True, free=True)
ANALYSED = Column(
    "analysed", "true where the results page counts this participant's answers and log", "boolean"
)
TRY = Column(
    "attempt",
    "which try of the task, from 1: a task that was begun anew has several, and the last one counts"
    " (see attempts)",
    "integer",
)
OF_AGENTS = "; empty while the results are locked, and where the condition has no agents"
QUEUED = Column("queued_at", "when it was asked for", "moment")
STARTED = Column("started_at", "when a worker last took it up", "moment")
FINISHED = Column("finished_at", "when it ended", "moment")
STATE = Column("state", "queued, running, done or failed")
TAKEN_UP = Column(
    "taken_up",
    "how many workers took it up (a killed worker's work is taken up again)",
    "integer",
)
ERROR = Column("error", "why it failed", typed=True, free=True)

PARTICIPANTS = Table(
    "participants",
    "One row per participant. Previews appear nowhere; who withdrew and had their data deleted is"
    " counted in study.json only.",
    (
        PERSON,
        CONDITION,
        ANALYSED,
        Column("kind", "live (a person), pilot or robot"),
        Column("simulated", "true when the study is marked simulated", "boolean"),
        Column(
            "state",
            "where the participant is: active, completed, screened_out, turned_away, withdrawn,"
            " blocked",
        ),
        Column("stratum", "stratum of the randomisation, where there are any"),
        Column("withdrawal", "keep: withdrew and let the data be used", "string"),
        Column("excluded", "true when the staff excluded the participant", "boolean"),
        Column("exclusion_reason", "why", typed=True, free=True),
        Column("language", "language the participant read"),
        Column("protocol_digest", "sha256 of the protocol this participant lived through"),
        Column(
            "derived",
            "true when that protocol was derived from another one (see study.json)",
            "boolean",
        ),
        Column("enrolled_at", "when they pressed Start", "moment"),
        Column("assigned_at", "when they were assigned to a condition", "moment"),
        Column("ended_at", "when they completed or were screened out", "moment"),
        Column(
            "agent_calls",
            f"requests to the agents in the tries that count{OF_AGENTS}",
            "integer",
        ),
        Column(
            "agent_failed",
            "of these, those that got no answer, which the participant was told: an outage",
            "integer",
        ),
        Column(
            "agent_stood_in",
            "of these, those the offline advisor answered as the vendor did not: an outage too",
            "integer",
        ),
        Column(
            "agent_ceiling",
            "of these, those that were not sent because the ceiling of a cap was reached (each is"
            " in agent_failed or agent_stood_in as well)",
            "integer",
        ),
        Column("agent_input_tokens", "tokens read in all, as counted by the provider", "integer"),
        Column(
            "agent_output_tokens", "tokens written in all, as counted by the provider", "integer"
        ),
        Column(
            "agent_microusd",
            "cost in all, in millionths of a US dollar, where it is known",
            "integer",
        ),
        Column(
            "agent_unpriced",
            "requests whose cost is not known, and not in agent_microusd",
            "integer",
        ),
    ),
    key=("participant",),
)
STEPS = Table(
    "steps",
    "One row per participant and step begun.",
    (
        PERSON,
        Column("index", "place of the step in the protocol, from 0", "integer"),
        STEP,
        Column("opened_at", "when the step began", "moment"),
        Column("minimum_at", "earliest end of a timed step", "moment"),
        Column("closes_at", "latest end of a timed step", "moment"),
        Column("closed_at", "when it ended", "moment"),
        Column("closed_by", "participant or clock"),
        Column("extra_seconds", "time given by the staff, within closes_at", "integer"),
        Column("flags", "what was remarked: late, early, extended, paused, restarted …", "array"),
        Column("workspace", "id of the workspace of a task"),
        Column(
            "shares_images",
            "of a task: true when its pictures might be sent to the model vendor, to which the"
            " participant had agreed; without it no agent saw one",
            "boolean",
        ),
    ),
    key=("participant", "index"),
)
ATTEMPTS = Table(
    "attempts",
    "One row per try of a task. Where the protocol has a task begun anew for who comes back, the"
    " earlier tries are kept; results, submissions and the table wide are of those that count.",
    (
        PERSON,
        Column("index", "place of the step in the protocol, from 0", "integer"),
        STEP,
        TRY,
        Column("counts", "true for the last try of the step", "boolean"),
        Column("workspace", "id of the workspace of a task"),
        Column("opened_at", "when the try began", "moment"),
        Column("ended_at", "when it ended", "moment"),
        Column("ended_by", "participant, clock, or restart: it was given up for the next one"),
    ),
    key=("participant", "index", "attempt"),
)
RESPONSES = Table(
    "responses",
    "One row per questionnaire item answered: the answer that stands. Changes are in the events.",
    (
        PERSON,
        STEP,
        Column("item", "key of the item in the protocol"),
        Column(
            "value",
            "the answer: a number, true or false, a choice's value, a JSON list of them, or text;"
            " typed words only where free text was asked for",
            "string",
            typed=True,
        ),
        Column("at", "when it was last given", "moment"),
    ),
    key=("participant", "step", "item"),
)
RATINGS = Table(
    "ratings",
    "One row per rater, submission and criterion: the score that stands.",
    (
        RATER,
        PERSON,
        CONDITION,
        SUBMISSION,
        CRITERION,
        SCORE,
        CANNOT_JUDGE,
        Column("at", "when it was last given, from the rater's joining on", "moment"),
    ),
    key=("rater", "submission", "criterion"),
    locked=True,
)
OUTCOMES = Table(
    "outcomes",
    "The scores that the results page counts, one row per rater, participant and criterion: of"
    " people who were neither excluded nor pilots, by the protocol's rules for dropouts and empty"
    " submissions. manage.py compare reads this file.",
    (
        RATER,
        PERSON,
        Column("condition", "condition the participant was assigned to"),
        CRITERION,
        Column("score", "1 (worst) to 5 (best)", "integer"),
    ),
    key=("rater", "participant", "criterion"),
    locked=True,
)
REPEATS = Table(
    "repeats",
    "Scores of submissions that were shown to a rater a second time: for consistency only.",
    (
        RATER,
        PERSON,
        SUBMISSION,
        CRITERION,
        SCORE,
        CANNOT_JUDGE,
        Column("at", "when it was last given, from the rater's joining on", "moment"),
    ),
    key=("rater", "submission", "criterion"),
    locked=True,
)
GUESSES = Table(
    "guesses",
    "Which condition a rater, done and locked, took a submission to be of.",
    (
        RATER,
        PERSON,
        CONDITION,
        SUBMISSION,
        Column("guess", "the condition; empty: could not tell"),
        Column("confidence", "from 1 (guessing) to 5 (certain)", "integer"),
        Column("at", "when, from the rater's joining on", "moment"),
    ),
    key=("rater", "submission"),
    locked=True,
)
COMMENTS = Table(
    "comments",
    "One row per rater and submission commented on.",
    (
        RATER,
        PERSON,
        SUBMISSION,
        Column("text", "the comment", typed=True, free=True),
        Column("at", "when it was last changed, from the rater's joining on", "moment"),
    ),
    key=("rater", "submission"),
    locked=True,
)
EVENTS = Table(
    "events",
    "Everything that happened, one row per event; numbered within a stream and chained. Exports of"
    " the study are not among them.",
    (
        Column("stream", "what the event belongs to: study, participant, workspace or rater"),
        Column(
            "code",
            "the study's name, the participant's id (also of a workspace), or the rater's",
        ),
        Column("step", "of a workspace: key of its step in the protocol"),
        Column("workspace", "of a workspace: its id; a step begun anew has several"),
        TRY,
        Column(
            "seq",
            "number within the stream, from 1; while the results are locked, of the events here",
            "integer",
        ),
        Column("kind", "what happened"),
        Column(
            "payload",
            "its particulars; words that people typed are empty unless free text was asked for",
            "object",
        ),
        Column(
            "at",
            "when, by the server's clock: from the enrolment on, the rater's joining, or the"
            " study's opening",
            "moment",
        ),
        Column("client_id", "the id the browser gave the action; unique within the stream"),
        Column("client_at", "when, by the browser's clock", "moment"),
        Column(
            "digest",
            "sha256 over the digest before and this event; empty while the results are locked",
        ),
    ),
    key=("stream", "code", "workspace", "seq"),
)
MESSAGES = Table(
    "messages",
    "One row per line of a chat.",
    (
        PERSON,
        STEP,
        TRY,
        Column("message", "id of the message, as in the events"),
        Column("author", "participant, reactive or proactive"),
        Column("text", "its words", typed=True, free=True),
        Column("characters", "how long it is", "integer"),
        Column("at", "when it was posted", "moment"),
        Column("call", "the request a person's message started, or an answer came from"),
        Column("offline", "true when the rule-based advisor wrote it", "boolean"),
        Column("stand_in", "true when it did so in the place of a vendor out of reach", "boolean"),
        Column("stopped", "true when the participant stopped it", "boolean"),
        Column("useful", "the participant's verdict", "boolean"),
        Column("dismissed_at", "when the participant put it away", "moment"),
    ),
    key=("message",),
    locked=True,
)
AGENT_CALLS = Table(
    "agent_calls",
    "One row per request to an agent.",
    (
        PERSON,
        STEP,
        TRY,
        Column("call", "id of the request, as in the events"),
        Column("agent", "reactive or proactive"),
        Column(
            "trigger",
            "message, ask_data or ask_test (reactive); timer or boundary (proactive: after a"
            " training, a test or a new category)",
        ),
        Column("provider", "openai (a compatible server) or offline (the rule-based advisor)"),
        Column("model", "model, as it named itself in its answer; else as it was asked for"),
        Column("parameters", "sampling parameters and preset", "object"),
        Column("prompts", "prompts used: name, version, language and sha256", "array"),
        Column("images", "pictures sent, by category", "array"),
        Column(
            "request",
            "the turns as sent; a picture by its id and the sha256 of the bytes sent",
            "array",
            free=True,
        ),
        Column("received", "every word that came, as it came", typed=True, free=True),
        Column("reply", "what of it was fit to be shown", typed=True, free=True),
        Column("flags", "what the checks remarked", "array"),
        Column("shown", "true when the answer was shown to the participant", "boolean"),
        Column(
            "outcome",
            "answered; stopped (by the participant); withheld (switched off, or the task over, in"
            " the meantime); stood_in (by the offline advisor); failed; empty while under way",
        ),
        Column("useful", "the participant's verdict on the answer", "boolean"),
        Column("dismissed_at", "when the participant put the answer away", "moment"),
        Column("input_tokens", "tokens read, as counted by the provider", "integer"),
        Column("output_tokens", "tokens written, as counted by the provider", "integer"),
        Column(
            "microusd", "cost in millionths of a US dollar; empty where it is not known", "integer"
        ),
        Column("price_list", "date of the price list it was computed by"),
        Column("seconds_to_first", "from sending to the first word", "number"),
        Column("seconds", "from sending to the last word", "number"),
        Column("retries", "how often the request was repeated", "integer"),
        Column("due_at", "of the proactive agent: when its turn had come", "moment"),
        Column("sent_at", "when the request was ready to go", "moment"),
        Column(
            "seen_seq",
            "number of the last event of the workspace that the agent was told of",
            "integer",
        ),
        Column("stop_at", "when the participant stopped it", "moment"),
        Column(
            "unwanted", "true when the agent was switched off while it was under way", "boolean"
        ),
        STATE,
        TAKEN_UP,
        QUEUED,
        STARTED,
        FINISHED,
        Column(
            "error",
            "why it failed, or why the offline advisor stood in: a short code, as in the events",
            typed=True,
        ),
    ),
    key=("call",),
    locked=True,
)
AGENT_SKIPS = Table(
    "agent_skips",
    "One row per turn that the proactive agent let pass without a request (preset attentive).",
    (
        PERSON,
        STEP,
        TRY,
        Column("agent", "proactive"),
        Column("trigger", "timer or boundary"),
        Column(
            "reason",
            "unchanged (nothing had happened since its last word), typing or streaming (an answer"
            " was under way)",
        ),
        Column("at", "when", "moment"),
    ),
    locked=True,
)
TRAINING_RUNS = Table(
    "training_runs",
    "One row per press of Train.",
    (
        PERSON,
        STEP,
        TRY,
        Column("run", "id of the training run, as in the events"),
        Column("number", "number of the run in its workspace, from 1", "integer"),
        STATE,
        TAKEN_UP,
        QUEUED,
        STARTED,
        FINISHED,
        Column("data", "categories and pictures as they stood", "array"),
        Column("report", "backbone with its digest, settings, counts, versions, seconds", "object"),
        ERROR,
    ),
    key=("run",),
)
TEST_RUNS = Table(
    "test_runs",
    "One row per press of Test.",
    (
        PERSON,
        STEP,
        TRY,
        Column("test", "id of the test, as in the events"),
        Column("run", "id of the training run that was tested"),
        STATE,
        TAKEN_UP,
        QUEUED,
        STARTED,
        FINISHED,
        Column("images", "pictures shown", "array"),
        Column("results", "scores per picture, the most likely category first", "array"),
        ERROR,
    ),
    key=("test",),
)
NOTES = Table(
    "notes",
    "One row per interview note of an experimenter, as it stands; earlier words and deleted notes"
    " are nowhere in an export: the events tell only that something was changed or deleted.",
    (
        PERSON,
        Column("note", "number of the note, as in the events", "integer"),
        Column("step", "of a note that was tied to a moment: key of its step in the protocol"),
        TRY,
        Column("workspace", "of such a note: id of the workspace"),
        Column(
            "seq", "of such a note: number of the last event of the workspace before it", "integer"
        ),
        Column("moment_at", "of such a note: when that event happened", "moment"),
        Column("codes", "the note's codes, also where free text was not asked for", "array"),
        Column("text", "its words", typed=True, free=True),
        Column("at", "when it was written", "moment"),
        Column("changed_at", "when it was last changed", "moment"),
    ),
    key=("note",),
    locked=True,
)
SUBMISSIONS = Table(
    "submissions",
    "One row per submission: the frozen training data that raters saw.",
    (
        PERSON,
        SUBMISSION,
        Column("task", "what the participant was asked to build", typed=True),
        Column("categories", "names, as they were typed, and picture ids", "array"),
        Column("n_categories", "how many categories", "integer"),
        Column("n_images", "how many pictures in all of them", "integer"),
        Column("frozen_at", "when it was handed in", "moment"),
        Column("digest", "sha256 of its content"),
    ),
    key=("submission",),
)
IMAGES = Table(
    "images",
    "One row per picture the tasks offered or participants added.",
    (
        Column("image", "id of the picture, as used everywhere else"),
        Column("sha256", "digest of the stored file"),
        Column("width", "pixels", "integer"),
        Column("height", "pixels", "integer"),
        Column("pool", "pool it was offered from; empty for an upload"),
        Column("position", "its place in the pool, from 0", "integer"),
        Column(
            "file",
            "the picture in this export: only uploads, only where everybody who added it had"
            " agreed, and only where pictures were asked for",
        ),
    ),
)
ALLOCATION = Table(
    "allocation",
    "The allocation sequence, place by place, and who took it; how it was drawn is in"
    " allocation.json.",
    (
        Column("sequence", "live or pilot"),
        Column("stratum", "stratum of the randomisation, where there are any"),
        Column("position", "place within sequence and stratum, from 0", "integer"),
        Column("block", "number of its block, from 0", "integer"),
        Column("condition", "what whoever takes it is assigned to"),
        Column("is_extra", "true when it was added in place of somebody who was lost", "boolean"),
        Column("participant", "who has it; empty where nobody has, or their data were deleted"),
        Column("taken_at_seq", "in which order places were taken, from 1", "integer"),
    ),
    key=("sequence", "stratum", "position"),
    locked=True,
)
RESULTS = Table(
    "results",
    "The comparison of the two conditions, one row per unit of analysis and criterion.",
    (
        Column(
            "unit",
            "participant: one mean over raters each (primary); pooled: every score as one"
            " value, as in the paper, which treats dependent scores as independent",
        ),
        Column("criterion", "key of the criterion in the protocol"),
        Column("treatment", "condition x"),
        Column("control", "condition y"),
        Column("n_treatment", "values of x", "integer"),
        Column("n_control", "values of y", "integer"),
        Column("mean_treatment", "mean of x", "number"),
        Column("mean_control", "mean of y", "number"),
        Column("median_treatment", "median of x", "number"),
        Column("median_control", "median of y", "number"),
        Column("q1_treatment", "first quartile of x (linear interpolation)", "number"),
        Column("q3_treatment", "third quartile of x", "number"),
        Column("q1_control", "first quartile of y", "number"),
        Column("q3_control", "third quartile of y", "number"),
        Column("u", "Mann-Whitney U: pairs in which x is larger, ties as one half", "number"),
        Column("p", "two-sided p", "number"),
        Column("method", "exact (conditional on the values, ties accounted for) or asymptotic"),
        Column(
            "p_holm", "p after Holm's correction over the criteria (participant only)", "number"
        ),
        Column("superiority", "A = P(X > Y) + P(X = Y) / 2", "number"),
        Column("cliffs_delta", "Cliff's delta, 2A - 1", "number"),
        Column("delta_low", "lower bound of its 95 % interval (participant only)", "number"),
        Column("delta_high", "upper bound of its 95 % interval (participant only)", "number"),
        Column("shift", "Hodges and Lehmann's shift of x against y, in points", "number"),
        Column("ties", "true when values are equal", "boolean"),
        Column("undefined", "why p is missing: empty_group or no_variation"),
    ),
    key=("unit", "criterion"),
    locked=True,
)
TABLES = (
    PARTICIPANTS,
    STEPS,
    ATTEMPTS,
    RESPONSES,
    RATINGS,
    OUTCOMES,
    REPEATS,
    GUESSES,
    COMMENTS,
    EVENTS,
    MESSAGES,
    AGENT_CALLS,
    AGENT_SKIPS,
    TRAINING_RUNS,
    TEST_RUNS,
    NOTES,
    SUBMISSIONS,
    IMAGES,
    ALLOCATION,
    RESULTS,
)
