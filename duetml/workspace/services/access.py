"""Which workspaces a browser may open: those its session was granted, staff included."""

from typing import Any, Protocol
from uuid import UUID

KEY = "workspaces"
KEPT = 20  # a study has a handful of tasks; a shared computer may see a few participants


class Session(Protocol):
    @property
    def session_key(self) -> str | None: ...

    def cycle_key(self) -> None: ...

    def get(self, key: str, default: Any) -> Any: ...

    def __setitem__(self, key: str, value: Any) -> None: ...


def grant(session: Session, workspace_id: UUID | str) -> None:
    """Let this session open the workspace; the newest grants are kept. Before the first one it gets
    another key: whoever gave the browser the one it has must not see what is made from here on."""
    if session.session_key and not granted_to(session):
        session.cycle_key()
    granted = [known for known in granted_to(session) if known != str(workspace_id)]
    session[KEY] = [*granted, str(workspace_id)][-KEPT:]


def is_granted(session: Session, workspace_id: UUID | str) -> bool:
    return str(workspace_id) in granted_to(session)


def granted_to(session: Session) -> list[str]:
    known = session.get(KEY, [])
    return [str(one) for one in known] if isinstance(known, list) else []
