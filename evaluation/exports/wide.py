"""One row per participant: the columns depend on what the protocols ask."""

from collections.abc import Iterator, Sequence

from evaluation.exports import schema
from evaluation.exports.columns import Column, Kind, Table
from study.rules.protocol import ProtocolFile, Step
from study.rules.scoring import WHOLE, parts_of

WHOSE = ("participant", "condition", "analysed", "kind", "state", "language", "stratum", "excluded")
COUNTS = (
    Column("training_runs", "how often they pressed Train, in the tries that count", "integer"),
    Column("test_runs", "how often they pressed Test, in the tries that count", "integer"),
    Column(
        "messages",
        "lines of their chats, in the tries that count; empty while the results are locked",
        "integer",
    ),
)
NUMBERS = ("likert", "scale", "number", "slider")


def wide_table(
    protocols: Sequence[ProtocolFile], criteria: Sequence[str], hidden: frozenset[str]
) -> Table:
    """`hidden`: steps left out while the results are locked."""
    own = {column.name: column for column in schema.PARTICIPANTS.columns}
    steps = [step for step in steps_of(protocols) if step.key not in hidden]
    columns = [own[name] for name in WHOSE]
    for step in steps:
        columns += _of_step(step)
    columns += COUNTS
    columns += [
        Column(f"rating.{key}", f"mean score on {key} over the raters who gave one", "number")
        for key in criteria
    ]
    words = "One row per participant with what they answered, how long steps took and their scores."
    return Table("wide", words, tuple(columns), key=("participant",))


def steps_of(protocols: Sequence[ProtocolFile]) -> list[Step]:
    """Every step by key, as the last protocol that has it has it, with the items of all of them."""
    found: dict[str, Step] = {}
    for protocol in protocols:
        for step in protocol.steps:
            before = found[step.key].items if step.key in found else []
            here = {item.key for item in step.items}
            kept = [item for item in before if item.key not in here]
            found[step.key] = step.model_copy(update={"items": [*step.items, *kept]})
    return list(found.values())


def seconds_of(step: str) -> str:
    return f"{step}.seconds"


def answer_of(step: str, item: str) -> str:
    return f"{step}.{item}"


def score_of(step: str, part: str = WHOLE) -> str:
    """`part`: of a score that has several."""
    return f"{step}.score.{part}" if part else f"{step}.score"


def _of_step(step: Step) -> Iterator[Column]:
    yield Column(seconds_of(step.key), f"how long the step {step.key} was open", "number")
    for item in step.items:
        kind: Kind = "number" if item.kind in NUMBERS else "string"
        words = f"answer to {item.key} of the step {step.key}"
        yield Column(answer_of(step.key, item.key), words, kind, typed=kind == "string")
    for part in parts_of(step):
        named = f"{step.scoring}, {part}" if part else step.scoring
        yield Column(score_of(step.key, part), f"its score ({named})", "number")
