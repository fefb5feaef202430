"""Everything a person can do in a workspace, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from duetml.live.log import ClientStamp
from duetml.live.models import Event
from duetml.workspace.services import (
    arranging,
    categories,
    chat,
    maps,
    parcels,
    placements,
    proactive,
    testing,
    training,
)
from duetml.workspace.services.acting import Act, Attempt, Done, act, not_available
from duetml.workspace.services.images import MOST_IMAGES
from duetml.workspace.services.refusal import Refused

__all__ = ["Done", "Refused", "perform"]


class Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Payload):
    pass


class Named(Payload):
    name: str


class Chosen(Payload):
    category: UUID


class Renamed(Payload):
    category: UUID
    name: str


class Shifted(Payload):
    category: UUID
    to: int = Field(ge=0)


class Merged(Payload):
    category: UUID
    into: UUID


class Placed(Payload):
    category: UUID
    images: list[UUID] = Field(max_length=MOST_IMAGES)


class Put(Placed):
    source: UUID | None = None


class TakenOut(Payload):
    images: list[UUID] = Field(max_length=MOST_IMAGES)
    category: UUID | None = None


class Earlier(Payload):
    run: UUID


class Pictures(Payload):
    images: list[UUID] = Field(max_length=MOST_IMAGES)


class Words(Payload):
    text: str


class OfCall(Payload):
    call: UUID


class Switch(Payload):
    on: bool


class Rated(Payload):
    message: UUID
    useful: bool | None


class Told(Payload):
    message: UUID


P = TypeVar("P", bound=Payload)


@dataclass(frozen=True)
class Action:
    """`read` checks a payload and gives what is to be done; raises pydantic's ValidationError."""

    read: Callable[[Mapping[str, Any]], Callable[[Act], Event]]
    feature: str | None


def _action(payload: type[P], do: Callable[[Act, P], Event], feature: str | None = None) -> Action:
    def read(raw: Mapping[str, Any]) -> Callable[[Act], Event]:
        checked = payload.model_validate(raw)
        return lambda act: do(act, checked)

    return Action(read, feature)


ACTIONS = {
    "category.create": _action(Named, lambda act, p: categories.create(act, p.name)),
    "category.rename": _action(Renamed, lambda act, p: categories.rename(act, p.category, p.name)),
    "category.delete": _action(Chosen, lambda act, p: categories.delete(act, p.category)),
    "category.move": _action(
        Shifted, lambda act, p: categories.move(act, p.category, p.to), "arrange"
    ),
    "category.merge": _action(
        Merged, lambda act, p: categories.merge(act, p.category, p.into), "arrange"
    ),
    "images.add": _action(Put, lambda act, p: placements.add(act, p.category, p.images, p.source)),
    "images.copy": _action(
        Placed, lambda act, p: placements.copy(act, p.category, p.images), "copies"
    ),
    "images.remove": _action(TakenOut, lambda act, p: placements.remove(act, p.category, p.images)),
    "history.undo": _action(Nothing, lambda act, _p: arranging.undo(act)),
    "history.redo": _action(Nothing, lambda act, _p: arranging.redo(act)),
    "data.restore": _action(Earlier, lambda act, p: arranging.restore(act, p.run), "history"),
    "training.start": _action(Nothing, lambda act, _p: training.start(act)),
    "test.start": _action(Pictures, lambda act, p: testing.start(act, p.images)),
    "map.start": _action(Nothing, lambda act, _p: maps.start(act), "map"),
    "parcel.start": _action(Nothing, lambda act, _p: parcels.start(act), "take_home"),
    "chat.post": _action(Words, lambda act, p: chat.post(act, p.text), "chat"),
    "chat.ask_data": _action(Nothing, lambda act, _p: chat.ask_data(act), "ask_data"),
    "chat.ask_test": _action(Nothing, lambda act, _p: chat.ask_test(act), "ask_test"),
    "chat.retry": _action(OfCall, lambda act, p: chat.retry(act, p.call), "chat"),
    "chat.stop": _action(OfCall, lambda act, p: chat.stop(act, p.call), "chat"),
    "advice.rate": _action(Rated, lambda act, p: chat.rate(act, p.message, p.useful), "chat"),
    "advice.dismiss": _action(Told, lambda act, p: chat.dismiss(act, p.message), "chat"),
    "proactive.set": _action(Switch, lambda act, p: proactive.switch(act, p.on), "proactive"),
}


def perform(
    workspace_id: UUID | str,
    action: str,
    payload: Mapping[str, Any],
    stamp: ClientStamp,
    now: datetime,
) -> Done:
    """Do one action once, in one transaction. Raises Refused, and then nothing was written."""
    known = ACTIONS.get(action)
    if known is None:
        raise not_available()

    def do(doing: Act) -> Event:
        try:
            run = known.read(payload)
        except ValidationError:
            raise Refused("bad_payload", _("This was not understood. Reload the page.")) from None
        return run(doing)

    return act(workspace_id, Attempt(action, payload, known.feature), stamp, now, do)
