"""How a service says no: nothing was written, and a person can read why."""


class Refused(Exception):  # noqa: N818 (an answer, not a failure)
    """`code` is for programs, `message` a whole sentence in the active language."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
