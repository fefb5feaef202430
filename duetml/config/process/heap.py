"""The process's heap: what a large picture needed goes back to the system when it is stored, and
what stays is not searched for garbage."""

import ctypes
import gc

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # <malloc.h>
LARGE_BYTES = 1_000_000
ARENAS = 2


def give_back_large_blocks() -> bool:
    """Whether this C library was told so.

    glibc raises its threshold to the largest block it has seen freed, and has an arena for every
    thread: decoded pictures then leave holes all over, and the process grows to twice its size.
    Other libraries (macOS, musl) do not.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)) and bool(mallopt(M_ARENA_MAX, ARENAS))


def settle() -> None:
    """What is loaded by now stays as long as the process does. Looking through it for garbage would
    stop every request and socket for 75 ms, again and again (BENCHMARKS.md)."""
    gc.collect()
    gc.freeze()
