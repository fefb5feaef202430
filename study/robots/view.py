"""What a browser knows of a workspace: the state it was given, kept up to date by events alone."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Frame = dict[str, Any]


@dataclass
class View:
    """Categories by id (names, images in order), the pictures on offer, what the agents said."""

    seq: int = 0
    first: int = 0  # the seq of the state the view began with
    has_state: bool = False
    names: dict[str, str] = field(default_factory=dict)
    images: dict[str, list[str]] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    offered: list[str] = field(default_factory=list)
    closes_at: datetime | None = None
    closed: bool = False
    has_chat: bool = False
    features: dict[str, bool] = field(default_factory=dict)
    messages: list[Frame] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    trained: set[str] = field(default_factory=set)
    runs: dict[str, str] = field(default_factory=dict)  # training run → done, failed or its reason
    tests: dict[str, str] = field(default_factory=dict)

    def replace(self, state: Frame, seq: int) -> None:
        """Begin again from a whole state."""
        self.seq = self.first = seq
        self.has_state = True
        workspace = state["workspace"]
        closes_at = workspace.get("closes_at")
        self.closes_at = datetime.fromisoformat(closes_at) if closes_at else None
        self.closed = bool(workspace.get("closed"))
        self.features = dict(state.get("features", {}))
        self.offered = [image["id"] for image in state["images"]]
        self.names = {one["id"]: one["name"] for one in state["categories"]}
        self.positions = {one["id"]: one["position"] for one in state["categories"]}
        self.images = {one["id"]: list(one["images"]) for one in state["categories"]}
        self.has_chat = "chat" in state
        chat = state.get("chat", {})
        self.messages = list(chat.get("messages", []))
        self.runs = {run["id"]: run["state"] for run in state.get("runs", [])}
        if state.get("test"):
            self.tests = {state["test"]["id"]: state["test"]["state"]}

    def apply(self, event: Frame) -> None:
        """The next event; its seq follows the one before."""
        self.seq = int(event["seq"])
        self._apply(str(event["kind"]), event["payload"])

    def sorted_images(self) -> dict[str, frozenset[str]]:
        """name → images: what the training data is."""
        return {self.names[one]: frozenset(images) for one, images in self.images.items()}

    def answer_to(self, call: str) -> Frame | None:
        """The agent's message of a call."""
        answers = (m for m in self.messages if m["author"] != "participant")
        return next((message for message in answers if message.get("call") == call), None)

    def _apply(self, kind: str, given: Frame) -> None:
        if kind == "category.created":
            self._set(given | {"images": []})
        elif kind == "category.renamed":
            self.names[given["category"]] = given["name"]
        elif kind == "category.deleted":
            self._drop(given["category"])
        elif kind == "data.arranged":
            self._arrange(given)
        elif kind in ("images.added", "images.moved", "images.removed", "image.uploaded"):
            self._place(kind, given)
        elif kind == "workspace.closed":
            self.closed = True
        elif kind in ("training.requested", "training.done", "training.failed"):
            self.runs[given["run"]] = kind.removeprefix("training.")
        elif kind in ("test.requested", "test.done", "test.failed"):
            self.tests[given["test"]] = kind.removeprefix("test.")
        elif kind in ("agent.answered", "agent.failed"):
            self._hear(kind, given)

    def _set(self, category: Frame) -> None:
        name = category["category"]
        self.names[name] = category["name"]
        self.images[name] = list(category["images"])
        self.positions[name] = category["position"]

    def _drop(self, category: str) -> None:
        for told in (self.names, self.images, self.positions):
            told.pop(category, None)

    def _arrange(self, given: Frame) -> None:
        """Undone, or done again."""
        for category in given["gone"]:
            self._drop(category)
        for category in given["categories"]:
            self._set(category)
        self.names = {
            one: self.names[one] for one in sorted(self.names, key=self.positions.__getitem__)
        }

    def _place(self, kind: str, given: Frame) -> None:
        category = given["category"]
        moved = given["images"] if kind != "image.uploaded" else [given["image"]]
        if kind == "image.uploaded":
            if given["image"] not in self.offered:
                self.offered.append(given["image"])
            if category is None or given["image"] in self.images.get(category, []):
                return  # a picture uploaded again stays where it is
        for images in self.images.values():
            images[:] = [image for image in images if image not in moved]
        if kind != "images.removed" and category in self.images:
            self.images[category] += moved

    def _hear(self, kind: str, given: Frame) -> None:
        if kind == "agent.failed":
            self.failed.add(given["call"])
            return
        self.failed.discard(given["call"])
        message = {"id": given["message"], "author": given["agent"], "text": given["text"]}
        self.messages.append(message | {"call": given["call"], "offline": given["offline"]})
