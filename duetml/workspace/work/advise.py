"""One agent call: look at the workspace, ask, show the words as they come, save the answer."""

import logging
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Any, cast

from django.db import close_old_connections
from django.utils import timezone, translation

from duetml.agents import offline, proactive, reactive
from duetml.agents.context import Occasion, Trigger
from duetml.agents.reading import clean, spoken_language, storable
from duetml.features import AgentSettings
from duetml.llm.client import LLM, ChatRequest, Chunk, Failure, Text, Usage, VendorError
from duetml.llm.client import Picture as Shown
from duetml.llm.reading import MOST_TOKENS
from duetml.prompts import Prompt
from duetml.workspace.models import AgentCall, LeaseLostError, State
from duetml.workspace.services import answers, spending
from duetml.workspace.services.answers import Account, Answer
from duetml.workspace.services.wording import clipped, one_line
from duetml.workspace.work.context import Seen, look
from duetml.workspace.work.listening import AstrayError, Listening
from duetml.workspace.work.llm import cost, vendor_for
from duetml.workspace.work.watch import Watched, watch

log = logging.getLogger(__name__)

LONGEST_MODEL = 80
CHARACTERS_PER_TOKEN = 6  # an answer longer than its tokens allow is nonsense and gets cut
CEILING = "ceiling"
# When many speak by themselves at once, they look two at a time: whoever asked looks at once.
_looking = BoundedSemaphore(2)


class UnableError(Exception):
    """No answer is to be had; `reason` is what the page words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def answer_call(call_id: str, llm: LLM | None = None) -> None:
    """Claim the call and answer it; nothing happens where it is not to be had.

    `llm` stands in for the configured vendor.
    """
    call = answers.claim(call_id, timezone.now())
    if call is None:
        return
    asking = Asking(call, llm)
    try:
        with watch.over(call) as watched, translation.override(call.workspace.language):
            reply = asking.reply(watched)
        answers.answer(call, reply, asking.account, timezone.now())
    except LeaseLostError:
        log.warning("agent call %s is answered by another worker", call.id)
    except UnableError as problem:
        answers.fail(call, problem.reason, timezone.now(), asking.account)
    except Exception:
        log.exception("agent call %s failed", call.id)
        answers.fail(call, "crashed", timezone.now(), asking.account)


class Asking:
    """One call under way; `account` is true at every moment, also when it fails."""

    def __init__(self, call: AgentCall, llm: LLM | None) -> None:
        self.call = call
        self.agents: AgentSettings = call.workspace.settings.agents.of(call.agent)
        self.account = Account(model=call.model)
        self._llm = llm

    def reply(self, watched: Watched) -> Answer:
        """Raises UnableError where nobody answers, not even the offline advisor."""
        if self.call.provider == "offline":
            return self._from_rules(watched)
        try:
            if spending.is_over_ceiling(self.call.workspace, timezone.now()):
                raise UnableError(CEILING)
            return self._from_vendor(watched)
        except VendorError as problem:
            log.warning("agent call %s: %s", self.call.id, problem)
            self._note(retries=problem.retries)
            reason = problem.kind.value
        except UnableError as problem:
            reason = problem.reason
        if not self.agents.stand_in:
            raise UnableError(reason)
        return replace(self._from_rules(watched), instead_of=reason)

    def _from_rules(self, watched: Watched) -> Answer:
        """The offline advisor looks at no pixels, so none are read."""
        seen = look(self.call, with_pictures=False)
        advisor = offline.OfflineAdvisor(self.agents.prompts["offline"])
        prompt = advisor.prompt(seen.context.language)
        self._note(model=offline.MODEL, prompts=_named((prompt,)), seen_seq=seen.seq)
        words = advisor.advise(seen.context, _occasion(self.call), _turn_number(self.call))
        heard = self._hear(offline.stream(words), watched, seen.context.language, patient=False)
        return Answer(heard.words, offline=True, stopped=heard.stopped)

    def _from_vendor(self, watched: Watched) -> Answer:
        seen = _look_in_turn(self.call)
        request, prompts = _request(seen, _occasion(self.call), self.agents)
        self._note(
            model=request.model,
            parameters=_parameters(request, self.agents),
            prompts=_named(prompts),
            images=seen.images,
            request=_as_sent(request, seen),
            seen_seq=seen.seq,
        )
        llm = self._llm or vendor_for(self.call)
        language = spoken_language(seen.context.dialogue, seen.context.language)
        close_old_connections()  # the vendor takes its time; others need the connection
        try:
            heard = self._hear(llm.stream(request), watched, language, patient=True)
        except AstrayError:  # asked once more; then it is shown, and marked
            heard = self._hear(llm.stream(request), watched, language, patient=False)
        longest = CHARACTERS_PER_TOKEN * self.agents.max_tokens
        read = clean(heard.words, language, longest)
        if "empty" in read.flags and not heard.stopped:
            raise VendorError(Failure.EMPTY, "the answer holds no words")
        return Answer(read.text, read.flags, stopped=heard.stopped)

    def _hear(
        self, chunks: Iterator[Chunk], watched: Watched, language: str, patient: bool
    ) -> Listening:
        listening = Listening(self.call, watched, language, patient)
        began = time.perf_counter()
        self._note(sent_at=self.account.sent_at or timezone.now())
        try:
            with closing(cast(Any, chunks)):
                listening.hear(chunks)
        finally:
            self._note(
                received=storable(listening.words),
                seconds=round(time.perf_counter() - began, 3),
                seconds_to_first=listening.seconds_to_first,
            )
        if listening.usage is not None:
            self._note(**_counted(listening.usage))
            adapted = {"adapted": list(listening.usage.adapted)} if listening.usage.adapted else {}
            self._note(parameters=self.account.parameters | adapted)
        return listening

    def _note(self, **facts: Any) -> None:
        self.account = replace(self.account, **facts)


def _counted(usage: Usage) -> dict[str, Any]:
    model = clipped(one_line(usage.model), LONGEST_MODEL)
    tokens = _credible(usage.input_tokens), _credible(usage.output_tokens)
    microusd, price_list = cost(model, *tokens)
    return {
        "model": model,
        "input_tokens": tokens[0],
        "output_tokens": tokens[1],
        "microusd": microusd,
        "price_list": price_list,
        "retries": usage.retries,
    }


def _look_in_turn(call: AgentCall) -> Seen:
    if call.agent == AgentCall.Agent.REACTIVE:
        return look(call, with_pictures=True)
    with _looking:
        return look(call, with_pictures=True)


def _occasion(call: AgentCall) -> Occasion:
    return "proactive" if call.agent == AgentCall.Agent.PROACTIVE else cast(Trigger, call.trigger)


def _request(
    seen: Seen, occasion: Occasion, agents: AgentSettings
) -> tuple[ChatRequest, tuple[Prompt, ...]]:
    context = seen.context
    if occasion == "proactive":
        return proactive.request(context, agents), proactive.prompts(context.language, agents)
    prompts = reactive.prompts(context.language, occasion, agents)
    return reactive.request(context, occasion, agents), prompts


def _parameters(request: ChatRequest, agents: AgentSettings) -> dict[str, Any]:
    return {
        "preset": agents.preset,
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "timeout_seconds": request.timeout_seconds,
        "image_longest_side": agents.image_longest_side,
    }


def _turn_number(call: AgentCall) -> int:
    done = AgentCall.objects.filter(workspace=call.workspace_id, agent=call.agent)
    return done.filter(state=State.DONE).count()


def _named(prompts: tuple[Prompt, ...]) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "version": one.version, "language": one.language, "digest": one.digest}
        for one in prompts
    ]


def _as_sent(request: ChatRequest, seen: Seen) -> list[dict[str, Any]]:
    """The turns with pictures by id and hash. An image shown twice is the same bytes and id."""
    views = [view for one in seen.context.categories for view in one.images]
    views += [test.picture for test in seen.context.tests if test.picture is not None]
    ids = {view.jpeg: view.id for view in views}

    def told(part: Text | Shown) -> dict[str, str]:
        if isinstance(part, Text):
            return {"text": part.text}
        caption = {"caption": part.caption} if part.caption else {}
        return {"image": ids[part.jpeg], "sha256": sha256(part.jpeg).hexdigest(), **caption}

    return [
        {"role": turn.role, "parts": [told(part) for part in turn.parts]}
        for turn in request.messages
    ]


def _credible(tokens: int | None) -> int | None:
    """Whoever counted them: the account of the call must be saved all the same."""
    return tokens if tokens is not None and 0 <= tokens <= MOST_TOKENS else None
