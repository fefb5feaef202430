"""One agent call: look at the workspace, ask, show the words as they come, save the answer."""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from typing import Any, Literal

from django.db import close_old_connections
from django.utils import timezone, translation

from duetml.agents import offline, proactive, reactive
from duetml.agents.context import Trigger, WorkspaceContext
from duetml.agents.reading import clean, plain
from duetml.features import AgentSettings
from duetml.live.log import workspace_stream
from duetml.live.push import push
from duetml.llm.client import LLM, ChatRequest, Chunk, Failure, Picture, Text, Usage, VendorError
from duetml.prompts import Prompt
from duetml.workspace.models import AgentCall, LeaseLostError, State
from duetml.workspace.services import answers
from duetml.workspace.services.answers import Account, Answer
from duetml.workspace.services.wording import clipped, one_line
from duetml.workspace.work.context import Seen, look
from duetml.workspace.work.lease import kept
from duetml.workspace.work.llm import vendor

log = logging.getLogger(__name__)

FRAME_SECONDS = 0.05  # words that arrive closer together travel in one frame
LONGEST_MODEL = 80
MOST_TOKENS = 1_000_000_000
CHARACTERS_PER_TOKEN = 6  # an answer longer than its tokens allow is nonsense and gets cut

TRIGGERS: dict[str, Trigger] = {
    "message": "message",
    "ask_data": "ask_data",
    "ask_test": "ask_test",
}


def answer_call(call_id: str, llm: LLM | None = None) -> None:
    """Claim the call and answer it; nothing happens where it is not to be had.

    `llm` stands in for the configured vendor.
    """
    call = answers.claim(call_id, timezone.now())
    if call is None:
        return
    asking = _Asking(call)
    try:
        with kept(call) as lost, translation.override(call.workspace.language):
            reply = asking.reply(llm, lost)
        answers.answer(call, reply, asking.account, timezone.now())
    except LeaseLostError:
        log.warning("agent call %s is answered by another worker", call.id)
    except VendorError as problem:
        log.warning("agent call %s: %s", call.id, problem)
        answers.fail(call, problem.kind.value, timezone.now(), asking.account)
    except Exception:
        log.exception("agent call %s failed", call.id)
        answers.fail(call, "crashed", timezone.now(), asking.account)


class _Asking:
    """One call under way; `account` is true at every moment, also when it fails."""

    def __init__(self, call: AgentCall) -> None:
        self.call = call
        self.agents: AgentSettings = call.workspace.settings.agents
        self.account = Account(model=call.model)

    def reply(self, llm: LLM | None, lost: Event) -> Answer:
        began = time.perf_counter()
        try:
            chunks = self._offline() if self._is_offline() else self._vendor(llm)
            close_old_connections()  # the vendor takes its time; others need the connection
            words, usage = _read(self.call, chunks, lost)
        except VendorError as problem:
            self.account = replace(self.account, retries=problem.retries)
            raise
        finally:
            self.account = replace(self.account, seconds=round(time.perf_counter() - began, 3))
        if usage is not None:
            self.account = replace(
                self.account,
                model=clipped(one_line(usage.model), LONGEST_MODEL),
                input_tokens=_credible(usage.input_tokens),
                output_tokens=_credible(usage.output_tokens),
                retries=usage.retries,
            )
        longest = CHARACTERS_PER_TOKEN * self.agents.max_tokens
        read = clean(words, self.call.workspace.language, longest)
        if "empty" in read.flags:
            raise VendorError(Failure.EMPTY, "the answer holds no words")
        return Answer(read.text, read.flags, self._is_offline())

    def _is_offline(self) -> bool:
        return self.call.provider == "offline"

    def _offline(self) -> Iterator[Chunk]:
        """The offline advisor looks at no pixels, so none are read."""
        seen = look(self.call, with_pictures=False)
        advisor = offline.OfflineAdvisor(self.agents.prompts["offline"])
        prompt = advisor.prompt(seen.context.language)
        self.account = Account(model=offline.MODEL, prompts=_named((prompt,)))
        return offline.stream(
            advisor.advise(seen.context, _trigger(self.call), _turn_number(self.call))
        )

    def _vendor(self, llm: LLM | None) -> Iterator[Chunk]:
        seen = look(self.call, with_pictures=True)
        request, prompts = _request(seen.context, _trigger(self.call), self.agents)
        self.account = Account(
            model=request.model,
            parameters={
                "temperature": request.temperature,
                "max_tokens": request.max_tokens,
                "timeout_seconds": request.timeout_seconds,
                "image_longest_side": self.agents.image_longest_side,
            },
            prompts=_named(prompts),
            images=seen.images,
            request=_as_sent(request, seen),
        )
        return (llm or vendor()).stream(request)


def _trigger(call: AgentCall) -> Trigger | Literal["proactive"]:
    return TRIGGERS.get(call.trigger, "proactive")


def _request(
    context: WorkspaceContext, trigger: Trigger | Literal["proactive"], agents: AgentSettings
) -> tuple[ChatRequest, tuple[Prompt, ...]]:
    if trigger == "proactive":
        return proactive.request(context, agents), proactive.prompts(context.language, agents)
    prompts = reactive.prompts(context.language, trigger, agents)
    return reactive.request(context, trigger, agents), prompts


def _turn_number(call: AgentCall) -> int:
    done = AgentCall.objects.filter(workspace=call.workspace_id, agent=call.agent)
    return done.filter(state=State.DONE).count()


def _named(prompts: tuple[Prompt, ...]) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "version": one.version, "language": one.language, "digest": one.digest}
        for one in prompts
    ]


def _as_sent(request: ChatRequest, seen: Seen) -> list[dict[str, Any]]:
    """The turns with pictures by id. An image shown twice is the same bytes and the same id."""
    views = [view for one in seen.context.categories for view in one.images]
    views += [test.picture for test in seen.context.tests if test.picture is not None]
    ids = {view.jpeg: view.id for view in views}

    def told(part: Text | Picture) -> dict[str, str]:
        return {"text": part.text} if isinstance(part, Text) else {"image": ids[part.jpeg]}

    return [
        {"role": turn.role, "parts": [told(part) for part in turn.parts]}
        for turn in request.messages
    ]


def _read(call: AgentCall, chunks: Iterator[Chunk], lost: Event) -> tuple[str, Usage | None]:
    """The whole answer; its pieces go to the browsers on the way."""
    words: list[str] = []
    waiting: list[str] = []
    sent_at = 0.0
    usage = None
    for chunk in chunks:
        if lost.is_set():
            raise LeaseLostError
        usage = chunk.usage or usage
        words.append(chunk.text)
        waiting.append(chunk.text)
        if time.monotonic() - sent_at >= FRAME_SECONDS:
            _show(call, waiting)
            waiting, sent_at = [], time.monotonic()
    _show(call, waiting)
    return "".join(words), usage


def _credible(tokens: int | None) -> int | None:
    """What a vendor counts may be nonsense; the account of the call must be saved all the same."""
    return tokens if tokens is not None and 0 <= tokens <= MOST_TOKENS else None


def _show(call: AgentCall, pieces: list[str]) -> None:
    text = plain("".join(pieces))
    if text:
        told = {"type": "token", "call": str(call.id), "text": text}
        push(workspace_stream(call.workspace_id), told)
