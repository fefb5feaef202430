"""What a robot does in one task: look, sort, train, test, talk; and try what must be refused."""

import asyncio
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from study.robots.browser import Browser
from study.robots.journal import Journal, UnexpectedError
from study.robots.socket import Ack, RefusalError, Socket
from study.robots.sorting import Colour, drawn_picture, group, look

TRAINING_SECONDS = 120.0
ANSWER_SECONDS = 60.0
WORDS = {
    "en": ("Something that tells things by their use.", "Are my groups clear?", "What is missing?"),
    "ja": (
        "使い方で見分けるAIを作りたいです。",
        "分け方はわかりやすいですか。",
        "足りないものは何ですか。",
    ),
}


class TimeIsUpError(Exception):
    """The task closed; what was still to do is left undone."""


@dataclass
class Task:
    browser: Browser
    socket: Socket
    rng: Random
    language: str
    journal: Journal
    memory: dict[str, Colour]
    images: int = 30
    hurried: bool = False  # leaves when it has seen everything once
    talks: int = 0  # questions asked in a row
    loses_network: bool = False
    hands: dict[str, str] = field(default_factory=dict)  # name → category id

    async def work(self) -> None:
        """Everything, what matters first; ends early when the clock closes the task."""
        with suppress(TimeIsUpError):
            await self._greet()
            await self._refused_at_first()
            await self._sort()
            await self._train()
            await self._test()
            await self._refused_later()
            await self._talk()
            await self._talk_on()
            if self.hurried:
                return
            await self._rearrange()
            await self._lose_the_line()
            await self._upload()
            await self._train()
            await self._ask_again()

    @property
    def seconds_left(self) -> float:
        closes_at = self.socket.view.closes_at
        return (closes_at - datetime.now(UTC)).total_seconds() if closes_at else 3600.0

    async def _act(
        self, action: str, payload: Mapping[str, Any] | None = None, client: str | None = None
    ) -> Ack:
        if self.socket.closed:
            raise TimeIsUpError
        if self.loses_network and self.rng.random() < 0.3:
            await self.socket.break_off()
        try:
            ack = await self.socket.do(action, payload, client)
        except RefusalError as problem:
            raise UnexpectedError(f"{action} {payload} was refused: {problem}") from problem
        if ack.late:
            raise TimeIsUpError
        return ack

    async def _refused(self, action: str, payload: Mapping[str, Any] | None = None) -> None:
        """The server must say no, in words."""
        if self.socket.closed:
            raise TimeIsUpError
        try:
            ack = await self.socket.do(action, payload)
        except RefusalError as refusal:
            if not refusal.message.strip():
                raise UnexpectedError(
                    f"{action} was refused without a word ({refusal.code})"
                ) from None
            self.journal.note("refused as expected")
            return
        if ack.late:
            raise TimeIsUpError
        raise UnexpectedError(f"{action} {payload} was accepted and should have been refused")

    async def _greet(self) -> None:
        """The assistant speaks first; the answer sets the goal."""
        view = self.socket.view
        if not view.has_chat:
            return
        if not any(message["author"] == "reactive" for message in view.messages):
            raise UnexpectedError("the chat has no greeting")
        await self._act("chat.post", {"text": WORDS[self.language][0]})

    async def _refused_at_first(self) -> None:
        await self._refused("training.start")
        await self._refused("test.start", {"images": self.socket.view.offered[:2]})
        await self._refused("category.create", {"name": "   "})

    async def _sort(self) -> None:
        view = self.socket.view
        count = min(self.images, len(view.offered))
        chosen = self.rng.sample(view.offered, count)
        colours = await look(self.browser, self.socket.workspace, chosen, self.memory)
        groups = group(colours, self.rng.randint(2, 5), self.rng, self.language)
        for name in groups:
            ack = await self._act("category.create", {"name": name})
            self.hands[name] = str(ack.result["category"])
        await self._refused("category.create", {"name": f" {next(iter(groups)).upper()} "})
        await self._refused("training.start")  # all are empty
        for name, images in groups.items():
            middle = self.rng.randint(1, len(images))
            for some in (images[:middle], images[middle:]):
                if some:
                    payload = {"category": self.hands[name], "images": some}
                    await self._act("images.add", payload)

    async def _train(self) -> None:
        begun = asyncio.get_running_loop().time()
        ack = await self._act("training.start")
        run = str(ack.result["run"])
        await self._or_closed(lambda: self._over(self.socket.view.runs, run), TRAINING_SECONDS)
        if self.socket.view.runs.get(run) != "done":
            raise UnexpectedError(f"training {run}: {self.socket.view.runs.get(run)}")
        self.journal.note("trained")
        self.journal.training_seconds.append(asyncio.get_running_loop().time() - begun)

    async def _test(self) -> None:
        view = self.socket.view
        images = self.rng.sample(view.offered, min(6, len(view.offered)))
        ack = await self._act("test.start", {"images": images})
        test = str(ack.result["test"])
        await self._or_closed(lambda: self._over(view.tests, test), TRAINING_SECONDS)
        if view.tests.get(test) != "done":
            raise UnexpectedError(f"test {test}: {view.tests.get(test)}")
        results = self.socket.events("test.done")[-1]["payload"]["results"]
        if {result["image"] for result in results} != set(images):
            raise UnexpectedError(f"the test of {images} speaks of {results}")
        for result in results:
            total = sum(score["p"] for score in result["scores"])
            if not 0.99 < total < 1.01:
                raise UnexpectedError(f"scores of one picture add up to {total}")
        self.journal.note("tested")

    async def _refused_later(self) -> None:
        foreign = str(uuid.uuid4())
        await self._refused("category.rename", {"category": foreign, "name": "nothing"})
        first, second, *_ = self.hands
        rename = {"category": self.hands[first], "name": second}
        await self._refused("category.rename", rename)
        await self._refused("no.such.action")
        await self.socket.send_raw("this is not JSON")
        if not self.socket.view.has_chat:
            await self._refused("chat.post", {"text": "hello?"})
            await self._refused("proactive.set", {"on": True})

    async def _talk(self) -> None:
        """Ask in all three ways, hear every answer, and silence the other voice for a while."""
        if not self.socket.view.has_chat:
            return
        await self._ask("chat.post", {"text": WORDS[self.language][1]})
        await self._act("proactive.set", {"on": False})
        await self._ask("chat.ask_data")
        await self._act("proactive.set", {"on": True})
        await self._ask("chat.ask_test")

    async def _talk_on(self) -> None:
        """Questions sent one after the other, without waiting: each that is taken is answered in
        its turn, and too many at once are refused in words."""
        view = self.socket.view
        asked: list[str] = []
        for number in range(self.talks if view.has_chat else 0):
            text = f"{WORDS[self.language][1]} ({number})"
            try:
                ack = await self.socket.do("chat.post", {"text": text})
            except RefusalError as refusal:
                if refusal.code != "busy":
                    raise UnexpectedError(f"a question was refused: {refusal}") from refusal
                self.journal.note("asked too much at once")
                break
            if ack.late:
                raise TimeIsUpError
            asked.append(str(ack.result["call"]))
        for call in asked:
            await self._or_closed(
                lambda call=call: view.answer_to(call) is not None or call in view.failed,
                ANSWER_SECONDS,
            )
        self.journal.note("questions in a row", len(asked))

    async def _ask_again(self) -> None:
        if self.socket.view.has_chat:
            await self._ask("chat.post", {"text": WORDS[self.language][2]})

    async def _ask(self, action: str, payload: Mapping[str, Any] | None = None) -> None:
        view = self.socket.view
        ack = await self._act(action, payload)
        call = str(ack.result["call"])
        await self._or_closed(
            lambda: view.answer_to(call) is not None or call in view.failed, ANSWER_SECONDS
        )
        answer = view.answer_to(call)
        if answer is None:
            self.journal.note("answers failed")
            return
        self.journal.note("answers heard")
        self.journal.note("tokens", self.socket.seen.tokens[call])

    async def _rearrange(self) -> None:
        """Rename, move, remove; and one action twice under one id."""
        first, second, *_ = self.hands
        new = f"{first} ({'もう一度' if self.language == 'ja' else 'again'})"
        await self._act("category.rename", {"category": self.hands[first], "name": new})
        self.hands[new] = self.hands.pop(first)
        source, target = self.hands[new], self.hands[second]
        mine = self.socket.view.images[source]
        if len(mine) > 1:
            payload = {"category": target, "images": mine[:1]}
            twice = str(uuid.uuid4())
            once = await self._act("images.add", payload, twice)
            again = await self._act("images.add", payload, twice)
            if (once.seq, once.result) != (again.seq, again.result):
                raise UnexpectedError(f"one id, two outcomes: {once} and {again}")
            self.journal.note("sent twice under one id")
        theirs = self.socket.view.images[target]
        if len(theirs) > 2:
            await self._act("images.remove", {"category": target, "images": theirs[-1:]})
        ack = await self._act("category.create", {"name": "x" * 80})
        await self._act("category.delete", {"category": ack.result["category"]})

    async def _lose_the_line(self) -> None:
        await self.socket.break_off()
        name = self.rng.choice(list(self.hands))
        images = [one for one in self.socket.view.offered if one not in self._used()][:1]
        if images:
            await self._act("images.add", {"category": self.hands[name], "images": images})
        self.socket.complain_of_gaps()
        self.journal.note("line lost on purpose")

    async def _upload(self) -> None:
        if not self.socket.view.features.get("upload") or self.rng.random() < 0.3:
            return
        if self.socket.closed or self.seconds_left < 0.5:
            raise TimeIsUpError
        identity = str(uuid.uuid4())
        category = self.hands[self.rng.choice(list(self.hands))]
        fields = {"id": identity, "at": self.socket.clock().isoformat(), "category": category}
        address = f"/workspace/{self.socket.workspace}/upload/"
        begun = asyncio.get_running_loop().time()
        picture = drawn_picture(self.rng)
        status, answer = await self.browser.upload(address, picture, "my own.png", fields)
        if status != 200:
            raise UnexpectedError(f"the upload was refused: {answer}")
        seconds = asyncio.get_running_loop().time() - begun
        self.journal.acknowledge(
            self.socket.robot, "upload", identity, self.socket.workspace, answer["late"], seconds
        )
        if answer["late"]:
            raise TimeIsUpError
        _, again = await self.browser.upload(address, picture, "my own.png", fields)
        if again["seq"] != answer["seq"]:
            raise UnexpectedError(f"one upload, two outcomes: {answer} and {again}")
        fields["id"] = str(uuid.uuid4())
        status, refused = await self.browser.upload(address, b"no picture", "notes.png", fields)
        if status == 200 and not refused.get("late"):
            raise UnexpectedError("a file that is no picture was accepted")
        if status == 200:
            raise TimeIsUpError
        if "notes.png" not in refused["refused"]["message"]:
            raise UnexpectedError(f"the refusal does not name the file: {refused}")
        self.journal.note("uploaded")

    def _used(self) -> set[str]:
        return {image for images in self.socket.view.images.values() for image in images}

    @staticmethod
    def _over(rows: Mapping[str, str], row: str) -> bool:
        return rows.get(row) in ("done", "failed")

    async def _or_closed(self, true: Any, seconds: float) -> None:
        """Wait for something; raises TimeIsUpError when the task closes first."""
        if not await self.socket.until(lambda: true() or self.socket.closed, seconds):
            raise UnexpectedError(f"waited {seconds:.0f} s in vain in {self.socket.address}")
        if not true():
            raise TimeIsUpError
