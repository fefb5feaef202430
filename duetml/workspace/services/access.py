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
    """Let this session open the workspace; the newest grants are kept. It gets another key first:
    the one it has may be known to whoever used this browser before."""
    if session.session_key and not is_granted(session, workspace_id):
        session.cycle_key()
    granted = [known for known in granted_to(session) if known != str(workspace_id)]
    session[KEY] = [*granted, str(workspace_id)][-KEPT:]


def is_granted(session: Session, workspace_id: UUID | str) -> bool:
    return str(workspace_id) in granted_to(session)


def granted_to(session: Session) -> list[str]:
    known = session.get(KEY, [])
    return [str(one) for one in known] if isinstance(known, list) else []
