"""A mark per category: a shape and a colour (Okabe and Ito's palette, in rating.css)."""

SHAPES = "●▲■◆★✚▼⬟"


def mark_of(number: int) -> tuple[str, int]:
    """(shape, colour) of the category at this place; 64 places before a pair comes again."""
    return SHAPES[(number + number // 8) % 8], number % 8
