"""The server in a thread of its own."""

import asyncio
import threading
from collections.abc import Collection
from typing import Self

from aiohttp import web

from tests.vendor import control
from tests.vendor.behaviour import Behaviour
from tests.vendor.completions import Completions, Options
from tests.vendor.rejected import MOST_BYTES
from tests.vendor.script import To
from tests.vendor.seen import Seen


class Vendor:
    """The stand-in, while the `with` block lasts.

    first_token_seconds, seconds_per_piece: how long an answer takes.
    rejects: arguments that this model refuses, as newer ones do with max_tokens.
    usage: whether tokens are counted where that is asked for (servers of one's own may not).
    advises: answers as an agent might give them; else an echo of what arrived.
    trouble: every third answer goes wrong, in turns.
    light: pictures are looked at by their first bytes only, and not kept.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        first_token_seconds: float = 0.0,
        seconds_per_piece: float = 0.0,
        rejects: Collection[str] = (),
        usage: bool = True,
        advises: bool = False,
        trouble: bool = False,
        light: bool = False,
    ) -> None:
        options = Options(
            first_token_seconds, seconds_per_piece, rejects, usage, advises, trouble, light
        )
        self._completions = Completions(options)
        self._port = port
        self._ready = threading.Event()
        self._failed: OSError | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def requests(self) -> list[Seen]:
        """Everything that came, in order of arrival, what was rejected included."""
        return self._completions.requests

    def asked(self, agent: str) -> list[Seen]:
        """The requests of one agent, in order."""
        return [seen for seen in self.requests if seen.agent == agent]

    def script(self, *behaviours: Behaviour, to: To = None) -> None:
        """One behaviour per coming request, in order; after the last, plain replies.

        `to`: only for requests of the agent of that name, or for those a function says yes to.
        """
        self._completions.script.queue(behaviours, to)

    def always(self, behaviour: Behaviour, to: To = None) -> None:
        """For every request for which nothing is scripted, until forget(); the newest counts."""
        self._completions.script.stand(behaviour, to)

    def forget(self) -> None:
        """Plain replies from now on."""
        self._completions.script.forget()

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            raise self._failed
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._completions.stopped.set)
        self._thread.join(10)

    def _serve(self) -> None:
        try:
            self._loop.run_until_complete(self._live())
        except OSError as error:  # the port is taken: tell the one who waits in __enter__
            self._failed = error
            self._ready.set()
        self._loop.close()

    async def _live(self) -> None:
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_post("/v1/chat/completions", self._completions.handle)
        control.add(app, self._completions)
        # A handler is cancelled when its client leaves: that is how it is noticed.
        runner = web.AppRunner(
            app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None
        )
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self._port, backlog=1024)
        await site.start()
        self._port = runner.addresses[0][1]
        self._ready.set()
        await self._completions.stopped.wait()
        await runner.cleanup()
