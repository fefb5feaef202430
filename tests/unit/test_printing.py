"""A report as PDF, and that making one changes nothing else in the process."""

import io

import pytest
from PIL import Image, ImageFile

from duetml.vision.intake import Refused, read_picture
from evaluation.report.printing import NoPrinterError, pdf


def test_a_broken_picture_is_still_refused_after_a_report_was_printed() -> None:
    try:
        assert pdf("<p>A report.</p>").startswith(b"%PDF")
    except NoPrinterError as problem:
        pytest.skip(f"no Pango: {problem}")
    whole = io.BytesIO()
    Image.effect_noise((64, 64), 40).convert("RGB").save(whole, "JPEG")

    with pytest.raises(Refused):
        read_picture(whole.getvalue()[: len(whole.getvalue()) // 2], "cut.jpg")
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
