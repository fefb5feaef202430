"""Whether the address of the web process is free."""

import errno
import socket


class PortTakenError(Exception):
    """Somebody else listens there; the text names the fix."""


def require_free(host: str, port: int) -> None:
    """Raise PortTakenError, in a sentence for a person, unless `host:port` can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise PortTakenError(_sentence(host, port, problem)) from None


def _sentence(host: str, port: int, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 8001
        return (
            f"Port {port} is in use by another program. Choose another one: PORT={other} make demo"
        )
    if problem.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} is not for this account. Choose one from 1024 up: PORT=8000 make demo"
    reason = problem.strerror
    return f"Cannot listen on {host}:{port} ({reason}). Give --host an address of this machine."
