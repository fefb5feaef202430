"""Where the processes keep what they need while running."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """`run` holds sockets, locks and written configuration; `log` one file per process."""

    run: Path
    log: Path

    def make(self) -> None:
        self.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log.mkdir(parents=True, exist_ok=True, mode=0o700)

    def log_of(self, program: str) -> Path:
        return self.log / f"{program}.log"


def folders_under(var: Path) -> Folders:
    return Folders(run=var / "run", log=var / "log")
