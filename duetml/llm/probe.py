"""One tiny question with a picture, to see what an endpoint can do."""

import re
import time
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from duetml.llm.client import LLM, ChatRequest, Picture, Text, Turn, Usage, VendorError

COLOUR = "yellow"
QUESTION = "What colour is this picture? Answer in one short sentence."
SIDE = 64  # pixels
SECONDS = 60.0


@dataclass(frozen=True)
class Seen:
    """What came of it. Seconds are counted from the question on; an `error` means no answer."""

    text: str
    pieces: int
    first_seconds: float
    last_seconds: float
    usage: Usage | None
    error: VendorError | None = None

    @property
    def names_the_colour(self) -> bool:
        return re.search(rf"\b{COLOUR}\b", self.text, re.IGNORECASE) is not None


def question(model: str, temperature: float | None, max_tokens: int) -> ChatRequest:
    picture = Picture(_drawn())
    turn = Turn("user", (Text(QUESTION), picture))
    return ChatRequest(model, (turn,), temperature, max_tokens, SECONDS)


def probe(llm: LLM, request: ChatRequest) -> Seen:
    began = time.perf_counter()
    pieces: list[str] = []
    at: list[float] = []
    usage, error = None, None
    try:
        for chunk in llm.stream(request):
            usage = chunk.usage or usage
            if chunk.text:
                pieces.append(chunk.text)
                at.append(time.perf_counter() - began)
    except VendorError as problem:
        error = problem
    text = "".join(pieces)
    return Seen(text, len(pieces), at[0] if at else 0.0, at[-1] if at else 0.0, usage, error)


def _drawn() -> bytes:
    file = BytesIO()
    Image.new("RGB", (SIDE, SIDE), COLOUR).save(file, "JPEG")
    return file.getvalue()
