"""Pictures for benches."""

from io import BytesIO

import numpy as np
from PIL import Image


def photograph(seed: int, side: int = 320) -> bytes:
    """A JPEG whose thumbnail weighs what a photograph's does: coarse blots under fine noise."""
    rng = np.random.default_rng(seed)
    blots = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8))
    smooth = np.asarray(blots.resize((side, side), Image.Resampling.BICUBIC), dtype=np.int16)
    noisy = (smooth + rng.normal(0, 9, (side, side, 1))).clip(0, 255).astype(np.uint8)
    out = BytesIO()
    Image.fromarray(noisy).save(out, "JPEG", quality=85)
    return out.getvalue()
