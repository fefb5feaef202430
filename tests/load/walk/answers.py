"""What everybody answers, by the name of the question; the pages of the walk, in order."""

ANSWERS = {
    **dict.fromkeys(("informed", "agreed", "vendor"), "on"),
    "adult": "adult",
    "built_ml": "never",
    "age": "34",
    "gender": "unsaid",
    "ml_experience": "heard",
    **{f"uq{n}": "4" for n in range(1, 6)},
    **{f"sus{n}": "3" for n in range(1, 11)},
}
PAGES = (
    ("informed", "agreed", "vendor"),
    ("adult", "built_ml"),
    ("age", "gender", "ml_experience"),
    (),
    tuple(f"uq{n}" for n in range(1, 6)),
    tuple(f"sus{n}" for n in range(1, 11)),
    (),
)
