"""Counting within a process. A series is its Prometheus name with its labels."""

from collections import defaultdict
from collections.abc import Mapping
from threading import Lock

BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)  # seconds


class Tally:
    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, float] = defaultdict(float)

    def add(self, name: str, amount: float = 1, **labels: str) -> None:
        with self._lock:
            self._counts[series(name, labels)] += amount

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """One value of a histogram."""
        with self._lock:
            for limit in BUCKETS:
                if seconds <= limit:
                    self._counts[series(f"{name}_bucket", {**labels, "le": f"{limit:g}"})] += 1
            self._counts[series(f"{name}_bucket", {**labels, "le": "+Inf"})] += 1
            self._counts[series(f"{name}_sum", labels)] += seconds
            self._counts[series(f"{name}_count", labels)] += 1

    def take(self) -> dict[str, float]:
        """What was counted since the last time."""
        with self._lock:
            taken, self._counts = dict(self._counts), defaultdict(float)
        return taken

    def put_back(self, taken: Mapping[str, float]) -> None:
        with self._lock:
            for key, amount in taken.items():
                self._counts[key] += amount


def series(name: str, labels: Mapping[str, str]) -> str:
    if not labels:
        return name
    inside = ",".join(f'{key}="{_escaped(value)}"' for key, value in sorted(labels.items()))
    return f"{name}{{{inside}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
