"""The vendor's stand-in in a process of its own, and a stack whose agents ask it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack import ROOT, Stack, running_stack


@contextmanager
def answering(var: Path, first_token: float, piece: float = 0.0) -> Iterator[tuple[Stack, str]]:
    """(a ready stack, the stand-in's address) for the time of the block."""
    command = [sys.executable, "-m", "tests.vendor", "--light"]
    command += ["--first-token", str(first_token), "--piece", str(piece)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as vendor:
        try:
            assert vendor.stdout is not None
            url = vendor.stdout.readline().split("=", 1)[1].split()[0]
            own = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any-key", "DUETML_STUDIO": "1"}
            with running_stack(var, **own) as stack:
                yield stack, url
        finally:
            vendor.terminate()
