"""`make demo-agents`: the demo as it is, its agents answered by the stand-in.

One process: the stand-in in a thread of this one, the demo as its child. Whatever stops this one
stops the demo first.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.vendor.__main__ import options, vendor

ROOT = Path(__file__).resolve().parents[2]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What would have somebody else answer.
VENDORS = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "DUETML_REACTIVE_API_KEY",
    "DUETML_REACTIVE_BASE_URL",
    "DUETML_PROACTIVE_API_KEY",
    "DUETML_PROACTIVE_BASE_URL",
    "DUETML_RECORDED",
)
SAID = (
    "The agents of this demo are answered by a stand-in on this machine, not by a model:"
    " it understands nothing. ({url})"
)


def main() -> int:
    parser = options()
    parser.add_argument("--host", default="127.0.0.1")
    parser.set_defaults(first_token=0.8, piece=0.03)  # so that words can be seen coming
    chosen = parser.parse_args()
    with vendor(chosen) as running:
        print(SAID.format(url=running.url), flush=True)  # noqa: T201
        return run(environment(running.url), "demo", "--host", chosen.host)


def environment(url: str) -> dict[str, str]:
    """The caller's, with the stand-in for every vendor, no key of a real one, and its own
    storage."""
    theirs = {name: value for name, value in os.environ.items() if name not in VENDORS}
    return {"DUETML_VAR": str(ROOT / "var-agents")} | theirs | {"OPENAI_BASE_URL": url}


def run(env: Mapping[str, str], *command: str) -> int:
    """`manage.py <command>` until it ends; a signal to this process is handed on to it."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=dict(env),
        start_new_session=True,  # Ctrl-C reaches us alone: once is enough for the demo
    )
    for number in SIGNALS:
        signal.signal(number, lambda number, frame: process.send_signal(number))
    return max(0, process.wait())


if __name__ == "__main__":
    sys.exit(main())
