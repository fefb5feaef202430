"""Where the robots are, in one line that is written over."""

from django.core.management.base import OutputWrapper


class Progress:
    """Call it with (robot, where). A terminal sees each step, anything else only the end."""

    def __init__(self, who: str, count: int, out: OutputWrapper) -> None:
        self.who = who
        self.count = count
        self.out = out
        self.where: dict[str, str] = {}
        self.steps = 0

    def __call__(self, robot: str, where: str) -> None:
        self.where[robot] = where
        self.steps += 1
        if self.out.isatty():
            self.out.write(f"\r\x1b[K{self._words()}", ending="")
            self.out.flush()

    def end(self) -> None:
        before = "\r\x1b[K" if self.out.isatty() else ""
        self.out.write(f"{before}{self._words()}")
        self.out.flush()

    def _words(self) -> str:
        return f"{self.who}: {len(self.where)} of {self.count} on their way, {self.steps} pages"
