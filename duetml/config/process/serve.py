"""One of the web processes of `manage.py up`: several listen at one port.

python -m duetml.config.process.serve HOST PORT
The system deals new connections out to whoever listens (SO_REUSEPORT, Linux and BSD); one that is
being started again is simply not among them.
"""

import socket
import sys

import uvicorn

# Above the 64 KB a frame may have, so that the consumer can answer a larger one in words.
LARGEST_FRAME_BYTES = 262_144
QUEUE = 2048


def listening(host: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    opened.bind((host, port))
    opened.listen(QUEUE)
    opened.set_inheritable(True)
    return opened


def main(host: str, port: int) -> None:
    config = uvicorn.Config(
        "duetml.config.asgi:application",
        lifespan="off",
        access_log=False,  # addresses carry participants' personal links
        proxy_headers=False,
        server_header=False,
        ws_max_size=LARGEST_FRAME_BYTES,
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[listening(host, port)])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
