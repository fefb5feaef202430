"""How the real API says no, in its own JSON."""


class RejectedError(Exception):
    """A request that the real API would not answer."""

    def __init__(
        self, message: str, param: str | None = None, code: str | None = None, status: int = 400
    ) -> None:
        super().__init__(message)
        self.message, self.param, self.code, self.status = message, param, code, status


def error(
    message: str, kind: str, param: str | None = None, code: str | None = None
) -> dict[str, object]:
    """The body of every answer that is none."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
