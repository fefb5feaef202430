"""What an export holds: every table and column in words. The code book is written from this."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """`typed`: words that people (or a language model) wrote, guarded against spreadsheets."""

    name: str
    words: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    words: str
    columns: tuple[Column, ...]


PERSON = Column("participant", "the participant's code")
STEP = Column("step", "key of the step in the protocol")
CONDITION = "condition the participant was assigned to; empty while the study is open"
# What agents did tells the condition.
OF_AGENTS = "; empty while the study is open, and where the condition has no agents"
QUEUED = Column("queued_at", "when it was asked for")
STARTED = Column("started_at", "when a worker last took it up")
FINISHED = Column("finished_at", "when it ended")
STATE = Column("state", "queued, running, done or failed")
ATTEMPT = Column(
    "attempt", "how many workers took it up (a killed worker's work is taken up again)"
)
ERROR = Column("error", "why it failed", typed=True)

PARTICIPANTS = Table(
    "participants.csv",
    "One row per participant, in the order of their codes. Previews appear nowhere.",
    (
        PERSON,
        Column("condition", CONDITION),
        Column("slot", "place in the allocation sequence, from 0; empty while the study is open"),
        Column("kind", "live (a person) or robot"),
        Column("simulated", "true when the study is marked simulated"),
        Column("state", "where the participant is: active, completed, screened_out, turned_away"),
        Column("language", "language the participant read"),
        Column("protocol_digest", "sha256 of the protocol this participant lived through"),
        Column("derived", "true when that protocol was derived from another one (see study.json)"),
        Column("enrolled_at", "when they pressed Start"),
        Column("assigned_at", "when they were assigned to a condition"),
        Column("seen_at", "last request of their browser"),
        Column("ended_at", "when they completed or were screened out"),
        Column("completion_code", "the code shown at the end"),
        Column("agent_calls", f"requests to the agents{OF_AGENTS}"),
        Column(
            "agent_failed",
            "of these, those that got no answer, which the participant was told: an outage",
        ),
        Column(
            "agent_stood_in",
            "of these, those the offline advisor answered as the vendor did not: an outage too",
        ),
        Column(
            "agent_ceiling",
            "of these, those that were not sent because the ceiling of a cap was reached (each is"
            " in agent_failed or agent_stood_in as well)",
        ),
        Column("agent_input_tokens", "tokens read in all, as counted by the provider"),
        Column("agent_output_tokens", "tokens written in all, as counted by the provider"),
        Column("agent_microusd", "cost in all, in millionths of a US dollar, where it is known"),
        Column("agent_unpriced", "requests whose cost is not known, and not in agent_microusd"),
    ),
)
STEPS = Table(
    "steps.csv",
    "One row per participant and step begun.",
    (
        PERSON,
        Column("index", "place of the step in the protocol, from 0"),
        STEP,
        Column("opened_at", "when the step began"),
        Column("minimum_at", "earliest end of a timed step"),
        Column("closes_at", "latest end of a timed step"),
        Column("closed_at", "when it ended"),
        Column("closed_by", "participant or clock"),
        Column("workspace", "id of the workspace of a task"),
        Column(
            "shares_images",
            "of a task: true when its pictures might be sent to the model vendor, to which the"
            " participant had agreed; without it no agent saw one",
        ),
    ),
)
RESPONSES = Table(
    "responses.csv",
    "One row per questionnaire item answered: the answer that stands. Changes are in events.csv.",
    (
        PERSON,
        STEP,
        Column("item", "key of the item in the protocol"),
        Column(
            "value", "the answer: a number, true or false, a choice's value, or text", typed=True
        ),
        Column("at", "when it was last given"),
    ),
)
RATINGS = Table(
    "ratings.csv",
    "One row per rater, submission and criterion: the score that stands.",
    (
        Column("rater", "the rater's code"),
        PERSON,
        Column("submission", "id of the submission"),
        Column("criterion", "key of the criterion in the protocol"),
        Column("score", "1 (worst) to 5 (best)"),
        Column("at", "when it was last given"),
    ),
)
COMMENTS = Table(
    "comments.csv",
    "One row per rater and submission commented on.",
    (
        Column("rater", "the rater's code"),
        PERSON,
        Column("submission", "id of the submission"),
        Column("text", "the comment", typed=True),
        Column("at", "when it was last changed"),
    ),
)
EVENTS = Table(
    "events.csv",
    "Everything that happened, one row per event; numbered within a stream without gaps, chained.",
    (
        Column("stream", "what the event belongs to: study, participant, workspace or rater"),
        Column(
            "code", "the study's name, the participant's code (also of a workspace), or the rater's"
        ),
        Column("step", "of a workspace: key of its step in the protocol"),
        Column("seq", "number within the stream, from 1"),
        Column("kind", "what happened"),
        Column("payload", "its particulars, as JSON"),
        Column("at", "when, by the server's clock"),
        Column("client_id", "the id the browser gave the action; unique within the stream"),
        Column("client_at", "when, by the browser's clock"),
        Column("digest", "sha256 over the digest before and this event"),
    ),
)
AGENT_CALLS = Table(
    "agent_calls.csv",
    "One row per request to an agent.",
    (
        PERSON,
        STEP,
        Column("call", "id of the request, as in events.csv"),
        Column("agent", "reactive or proactive"),
        Column(
            "trigger",
            "message, ask_data or ask_test (reactive); timer or boundary (proactive: after a"
            " training, a test or a new category)",
        ),
        Column("provider", "openai (a compatible server) or offline (the rule-based advisor)"),
        Column("model", "model, as it named itself in its answer; else as it was asked for"),
        Column("parameters", "sampling parameters and preset, as JSON"),
        Column("prompts", "prompts used: name, version, language and sha256, as JSON"),
        Column("images", "pictures sent, by category, as JSON"),
        Column(
            "request",
            "the turns as sent, as JSON; a picture by its id and the sha256 of the bytes sent",
        ),
        Column("received", "every word that came, as it came", typed=True),
        Column("reply", "what of it was fit to be shown", typed=True),
        Column("flags", "what the checks remarked, as JSON"),
        Column("shown", "true when the answer was shown to the participant"),
        Column(
            "outcome",
            "answered; stopped (by the participant); withheld (switched off, or the task over, in"
            " the meantime); stood_in (by the offline advisor); failed; empty while under way",
        ),
        Column("useful", "the participant's verdict on the answer: true, false or none"),
        Column("dismissed_at", "when the participant put the answer away"),
        Column("input_tokens", "tokens read, as counted by the provider"),
        Column("output_tokens", "tokens written, as counted by the provider"),
        Column("microusd", "cost in millionths of a US dollar; empty where it is not known"),
        Column("price_list", "date of the price list it was computed by"),
        Column("seconds_to_first", "from sending to the first word"),
        Column("seconds", "from sending to the last word"),
        Column("retries", "how often the request was repeated"),
        Column("due_at", "of the proactive agent: when its turn had come"),
        Column("sent_at", "when the request was ready to go"),
        Column("seen_seq", "number of the last event of the workspace that the agent was told of"),
        Column("stop_at", "when the participant stopped it"),
        Column("unwanted", "true when the agent was switched off while it was under way"),
        STATE,
        ATTEMPT,
        QUEUED,
        STARTED,
        FINISHED,
        Column(
            "error",
            "why it failed, or why the offline advisor stood in: a short code, as in events.csv",
            typed=True,
        ),
    ),
)
AGENT_SKIPS = Table(
    "agent_skips.csv",
    "One row per turn that the proactive agent let pass without a request (preset attentive).",
    (
        PERSON,
        STEP,
        Column("agent", "proactive"),
        Column("trigger", "timer or boundary"),
        Column(
            "reason",
            "unchanged (nothing had happened since its last word), typing or streaming (an answer"
            " was under way)",
        ),
        Column("at", "when"),
    ),
)
TRAINING_RUNS = Table(
    "training_runs.csv",
    "One row per press of Train.",
    (
        PERSON,
        STEP,
        Column("run", "id of the training run, as in events.csv"),
        Column("number", "number of the run in its workspace, from 1"),
        STATE,
        ATTEMPT,
        QUEUED,
        STARTED,
        FINISHED,
        Column("data", "categories and pictures as they stood, as JSON"),
        Column("report", "backbone with its digest, settings, counts, versions, seconds, as JSON"),
        ERROR,
    ),
)
TEST_RUNS = Table(
    "test_runs.csv",
    "One row per press of Test.",
    (
        PERSON,
        STEP,
        Column("test", "id of the test, as in events.csv"),
        Column("run", "id of the training run that was tested"),
        STATE,
        ATTEMPT,
        QUEUED,
        STARTED,
        FINISHED,
        Column("images", "pictures shown, as JSON"),
        Column("results", "scores per picture, the most likely category first, as JSON"),
        ERROR,
    ),
)
IMAGES = Table(
    "images.csv",
    "One row per picture the tasks offered or participants added.",
    (
        Column("image", "id of the picture, as used everywhere else"),
        Column("sha256", "digest of the stored file"),
        Column("width", "pixels"),
        Column("height", "pixels"),
        Column("pool", "pool it was offered from; empty for an upload"),
        Column("source", "file it was imported from", typed=True),
    ),
)
RESULTS = Table(
    "results.csv",
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
        Column("n_treatment", "values of x"),
        Column("n_control", "values of y"),
        Column("mean_treatment", "mean of x"),
        Column("mean_control", "mean of y"),
        Column("median_treatment", "median of x"),
        Column("median_control", "median of y"),
        Column("q1_treatment", "first quartile of x (linear interpolation)"),
        Column("q3_treatment", "third quartile of x"),
        Column("q1_control", "first quartile of y"),
        Column("q3_control", "third quartile of y"),
        Column("u", "Mann-Whitney U: pairs in which x is larger, ties as one half"),
        Column("p", "two-sided p"),
        Column("method", "exact (conditional on the values, ties accounted for) or asymptotic"),
        Column("p_holm", "p after Holm's correction over the criteria (participant only)"),
        Column("superiority", "A = P(X > Y) + P(X = Y) / 2"),
        Column("cliffs_delta", "Cliff's delta, 2A - 1"),
        Column("delta_low", "lower bound of its 95 % interval (participant only)"),
        Column("delta_high", "upper bound of its 95 % interval (participant only)"),
        Column("shift", "Hodges and Lehmann's shift of x against y, in points"),
        Column("ties", "true when values are equal"),
        Column("undefined", "why p is missing: empty_group or no_variation"),
    ),
)
TABLES = (
    PARTICIPANTS,
    STEPS,
    RESPONSES,
    RATINGS,
    COMMENTS,
    EVENTS,
    AGENT_CALLS,
    AGENT_SKIPS,
    TRAINING_RUNS,
    TEST_RUNS,
    IMAGES,
    RESULTS,
)
