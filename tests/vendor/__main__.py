"""The stand-in by hand, or in a process of its own for benches."""

import argparse
import signal
import threading

from tests.vendor.server import Vendor


def options() -> argparse.ArgumentParser:
    """What `python -m tests.vendor` and the demo with agents take."""
    parser = argparse.ArgumentParser(description="A stand-in model vendor on this machine.")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--first-token", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--piece", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--rejects", nargs="*", default=(), metavar="ARGUMENT")
    parser.add_argument("--no-usage", action="store_true", help="count no tokens")
    parser.add_argument("--trouble", action="store_true", help="every third answer goes wrong")
    parser.add_argument(
        "--light", action="store_true", help="look at pictures briefly and keep none (benches)"
    )
    return parser


def vendor(chosen: argparse.Namespace) -> Vendor:
    return Vendor(
        chosen.port,
        first_token_seconds=chosen.first_token,
        seconds_per_piece=chosen.piece,
        rejects=chosen.rejects,
        usage=not chosen.no_usage,
        advises=True,
        trouble=chosen.trouble,
        light=chosen.light,
    )


def main() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with vendor(options().parse_args()) as running:
        print(f"OPENAI_BASE_URL={running.url}  (Ctrl-C stops it)", flush=True)  # noqa: T201
        stop.wait()


if __name__ == "__main__":
    main()
