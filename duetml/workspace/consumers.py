"""The workspace's socket: decode, call, encode."""

import json
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any, Literal, ParamSpec, TypeVar
from urllib.parse import parse_qs
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter
from redis.exceptions import RedisError

from duetml.live.log import ClientStamp, frame, last_seq, since, workspace_stream
from duetml.live.models import Event
from duetml.live.push import group_of
from duetml.workspace import queries
from duetml.workspace.models import Workspace
from duetml.workspace.services import access, actions, workspaces
from duetml.workspace.services.refusal import Refused

log = logging.getLogger(__name__)

LARGEST_FRAME = 240 * 1024  # bytes: 6,000 pictures selected at once
LARGEST_NUMBER = 2**53
DEEPEST = 20
MOST_MISSED = 500
NOT_GRANTED = 4404
CALM_READS = 5
SEEN_EVERY = timedelta(seconds=15)  # every second ping is noted: half of workspaces.PRESENT

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Do(BaseModel):
    model_config = ConfigDict(frozen=True)

    type: Literal["do"]
    id: UUID
    at: AwareDatetime | None = None
    action: str = Field(max_length=60)
    payload: dict[str, Any] = {}


class Ping(BaseModel):
    type: Literal["ping"]
    after: int | None = Field(default=None, ge=0)


class Sync(BaseModel):
    type: Literal["sync"]
    after: int = Field(ge=0)


class Typing(BaseModel):
    type: Literal["typing"]


FRAME: TypeAdapter[Do | Ping | Sync | Typing] = TypeAdapter(
    Annotated[Do | Ping | Sync | Typing, Field(discriminator="type")]
)


def in_db(
    function: Callable[Arguments, Result],
) -> Callable[Arguments, Coroutine[Any, Any, Result]]:
    """Run in a pool of threads: one slow query must not hold up every other socket."""
    return database_sync_to_async(function, thread_sensitive=False)


class WorkspaceConsumer(AsyncWebsocketConsumer):
    """One browser tab. `seq` is the last event it was sent: none is sent twice or out of order."""

    async def connect(self) -> None:
        self.workspace_id: UUID = self.scope["url_route"]["kwargs"]["workspace"]
        self.stream = workspace_stream(self.workspace_id)
        self.language = "en"
        self.seq = 0
        await self.accept()
        language = await in_db(_language)(self.scope["session"], self.workspace_id)
        if language is None:
            await self.close(NOT_GRANTED)
            return
        self.language = language
        try:
            await self.channel_layer.group_add(group_of(self.stream), self.channel_name)
        except (OSError, RedisError) as problem:  # the pings still bring what happens
            log.warning("socket without live frames, the broker is away: %s", problem)
        self.seen_at = await in_db(workspaces.seen)(self.workspace_id, timezone.now())
        await self._hello(_after(self.scope["query_string"]))

    async def disconnect(self, code: int) -> None:
        try:
            await self.channel_layer.group_discard(group_of(self.stream), self.channel_name)
        except (OSError, RedisError) as problem:
            log.warning("socket left without a word to the broker: %s", problem)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            said = _decode(text_data)
        except NotUnderstoodError as refused:
            await self._refuse(refused.action_id, refused.code)
            return
        if isinstance(said, Do):
            await self._do(said)
        elif isinstance(said, Ping):
            await self._pong(self.seq if said.after is None else said.after)
        elif isinstance(said, Typing):
            await in_db(workspaces.typing)(self.workspace_id, timezone.now())
        else:
            await self._catch_up(said.after)

    async def live_frame(self, message: dict[str, Any]) -> None:
        """A frame from the channel layer. Frames may overtake each other; the log has the order."""
        told = message["frame"]
        if told.get("type") != "event":
            await self._send(told)
        elif told["seq"] == self.seq + 1:
            await self._send_event(told)
        elif told["seq"] > self.seq:
            await self._catch_up(self.seq)

    async def _hello(self, after: int | None) -> None:
        seq = await in_db(last_seq)(self.stream)
        hello: dict[str, Any] = {"type": "hello", "seq": seq, "now": timezone.now().isoformat()}
        if after is not None and 0 < after <= seq and seq - after <= MOST_MISSED:
            self.seq = after
            await self._send(hello)
            await self._catch_up(after)
            return
        hello["seq"], hello["state"] = await in_db(_calm_state)(self.workspace_id, self.language)
        self.seq = hello["seq"]
        await self._send(hello)

    async def _pong(self, after: int) -> None:
        now = timezone.now()
        if now - self.seen_at >= SEEN_EVERY:
            self.seen_at = await in_db(workspaces.seen)(self.workspace_id, now, before=self.seen_at)
        seq, missed = await in_db(_missed)(self.stream, after)
        await self._send({"type": "pong", "now": timezone.now().isoformat(), "seq": seq})
        for event in missed:
            await self._send_event(frame(event))

    async def _catch_up(self, after: int) -> None:
        """Send what came after `after`; asked by a browser, also what this socket sent before."""
        for event in await in_db(since)(self.stream, after):
            await self._send_event(frame(event))

    async def _do(self, said: Do) -> None:
        stamp = ClientStamp(said.id, said.at)
        try:
            done = await in_db(_perform)(self.language, self.workspace_id, said, stamp)
        except Refused as refused:
            await self._send(_refused(said.id, refused.code, refused.message))
        except Exception:
            log.exception("action %s of workspace %s failed", said.action, self.workspace_id)
            await self._refuse(said.id, "failed")
        else:
            ack = {"type": "ack", "id": str(said.id), "seq": done.seq}
            await self._send(ack | {"late": done.late, "result": done.result})

    async def _refuse(self, action_id: UUID | None, code: str) -> None:
        with translation.override(self.language):
            await self._send(_refused(action_id, code, _sentence(code)))

    async def _send_event(self, told: dict[str, Any]) -> None:
        self.seq = max(self.seq, told["seq"])
        await self._send(told)

    async def _send(self, told: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(told, ensure_ascii=False))


def _language(session: access.Session, workspace_id: UUID) -> str | None:
    """The workspace's language; None where this session may not see it."""
    if not access.is_granted(session, workspace_id):
        return None
    return Workspace.objects.filter(pk=workspace_id).values_list("language", flat=True).first()


def _missed(stream: str, after: int) -> tuple[int, list[Event]]:
    """(the newest event's number, those after `after`); mostly there are none."""
    seq = last_seq(stream)
    return seq, since(stream, after) if seq > after else []


def _calm_state(workspace_id: UUID, language: str) -> tuple[int, dict[str, Any]]:
    """(seq, state) of one moment: read again where something happened in between.

    If it never calms down, the state is a little ahead of seq, and the browser hears of what it
    already shows.
    """
    stream = workspace_stream(workspace_id)
    with translation.override(language):
        for _attempt in range(CALM_READS):
            seq = last_seq(stream)
            state = queries.state(Workspace.objects.get(pk=workspace_id))
            if last_seq(stream) == seq:
                break
    return seq, state


def _perform(language: str, workspace_id: UUID, said: Do, stamp: ClientStamp) -> actions.Done:
    with translation.override(language):
        return actions.perform(workspace_id, said.action, said.payload, stamp, timezone.now())


class NotUnderstoodError(Exception):
    """A frame that is no message. `action_id` where it was at least meant as an action."""

    def __init__(self, code: str, action_id: UUID | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.action_id = action_id


def _decode(text: str | None) -> Do | Ping | Sync | Typing:
    """Raises NotUnderstoodError."""
    if text is not None and len(text.encode("utf-8", "surrogatepass")) > LARGEST_FRAME:
        raise NotUnderstoodError("too_large")
    said: Any = None
    try:
        said = json.loads(text or "")
        return FRAME.validate_python(_storable(said))
    except (ValueError, RecursionError):  # ValidationError is a ValueError
        raise NotUnderstoodError("bad_frame", _action_id(said)) from None


def _storable(value: Any, depth: int = 0) -> Any:
    """JSON may carry what a database or a broker cannot: NUL and half a surrogate pair are left
    out of texts; numbers beyond a browser's own and endless nesting raise ValueError."""
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "ignore").decode()
    if isinstance(value, int | float) and not abs(value) <= LARGEST_NUMBER:
        raise ValueError("not a number of use")
    if isinstance(value, list):
        return [_storable(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(one, depth + 1) for key, one in value.items()}
    return value


def _action_id(said: Any) -> UUID | None:
    try:
        return UUID(said["id"]) if said["type"] == "do" else None
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def _refused(action_id: UUID | None, code: str, message: str) -> dict[str, Any]:
    name = str(action_id) if action_id else None
    return {"type": "refused", "id": name, "code": code, "message": message}


def _sentence(code: str) -> str:
    if code == "too_large":
        return _("This message is too large.")
    if code == "bad_frame":
        return _("This was not understood. Reload the page.")
    return _("Something went wrong here. Try again.")


def _after(query: bytes) -> int | None:
    found = parse_qs(query.decode("ascii", "replace")).get("after", [""])[0]
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else None
