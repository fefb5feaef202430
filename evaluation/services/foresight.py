"""What a study's planned sample can show, for the pre-flight."""

from study.rules.protocol import ProtocolFile
from study.services.preflight_registry import Forecast

SEED, SIMULATIONS, SHIFT = 1, 200, 1.0


def forecast(protocol: ProtocolFile) -> Forecast:
    """For the raters' criteria, all tested, and a large effect (one standard deviation). The same
    protocol gives the same numbers. The web process has no scipy until somebody asks."""
    import numpy as np

    from evaluation.stats.design import Assumed, power, reachable_p

    each, tests = protocol.allocation.per_condition, len(protocol.rating.criteria)
    assumed = Assumed(shift=SHIFT)
    rng = np.random.default_rng(SEED)
    found = power(each, each, assumed, rng, tests=tests, simulations=SIMULATIONS)
    return Forecast(
        each=each,
        tests=tests,
        reachable_p=reachable_p(each, each, tests),
        power=found.value,
        shift=SHIFT,
        raters=assumed.raters,
    )
