"""What /readyz knows of this machine, for a study's pre-flight."""

from collections.abc import Mapping

from duetml.config import health
from study.services.preflight_registry import Told


def tell(now: float) -> Mapping[str, Told]:
    """`now`: seconds since 1970. Waits a few seconds at most where the broker is away."""
    return {part: Told(check.ok, check.says) for part, check in health.checks(now).items()}
