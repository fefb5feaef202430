"""Hearing an answer out: its pieces go to the browsers on the way, unless nobody is to see them."""

import time
from collections.abc import Iterator

from duetml.agents.reading import is_astray, is_foreign, plain
from duetml.live.log import workspace_stream
from duetml.live.push import push
from duetml.llm.client import Chunk, Usage
from duetml.workspace.models import AgentCall, LeaseLostError
from duetml.workspace.work.watch import Watched

FRAME_SECONDS = 0.05  # words that arrive closer together travel in one frame


class AstrayError(Exception):
    """The answer comes in another language than the person's; none of it was shown."""


class Listening:
    """One attempt at an answer. Its attributes are true at every moment, also when it breaks off.

    `patient`: words that look foreign are held back, and AstrayError is raised where enough of them
    came to be sure; otherwise they are shown as they come.
    """

    def __init__(self, call: AgentCall, watched: Watched, language: str, patient: bool) -> None:
        self.words = ""
        self.usage: Usage | None = None
        self.stopped = False
        self.seconds_to_first: float | None = None
        self._call = call
        self._watched = watched
        self._language = language
        self._patient = patient
        self._shown = 0
        self._pieces = 0
        self._shown_at = 0.0
        self._began = time.perf_counter()

    def hear(self, chunks: Iterator[Chunk]) -> None:
        """Until the answer is whole or the person stopped it. Raises AstrayError, LeaseLostError
        and what the client raises."""
        for chunk in chunks:
            if self._watched.lost:
                raise LeaseLostError
            if self._watched.stopped:
                self.stopped = True
                break
            self.usage = chunk.usage or self.usage
            self._take(chunk.text)
            if time.monotonic() - self._shown_at >= FRAME_SECONDS:
                self._show()
        self._patient = False
        self._show()

    def _take(self, text: str) -> None:
        if not text:
            return
        if self.seconds_to_first is None:
            self.seconds_to_first = round(time.perf_counter() - self._began, 3)
        self.words += text
        if self._patient and is_astray(self.words, self._language):
            raise AstrayError
        if self._patient and not is_foreign(self.words, self._language):
            self._patient = False

    def _show(self) -> None:
        if self._patient or self._watched.unwanted:
            return
        text = plain(self.words[self._shown :])
        if not text:
            return
        self._shown, self._shown_at = len(self.words), time.monotonic()
        # Numbered: a page that missed one, or sees an answer begun again, can tell.
        told = {"type": "token", "call": str(self._call.id), "at": self._pieces, "text": text}
        push(workspace_stream(self._call.workspace_id), told)
        self._pieces += 1
