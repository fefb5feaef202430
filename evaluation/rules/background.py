"""What a rater tells about themselves before the first submission."""

from study.rules.protocol import Choice, Item


def _choice(value: str, en: str, ja: str) -> Choice:
    return Choice(value=value, label={"en": en, "ja": ja})


BACKGROUND = (
    Item(
        key="age",
        kind="number",
        text={"en": "How old are you?", "ja": "年齢を教えてください。"},
        minimum=18,
        maximum=120,
        required=False,
    ),
    Item(
        key="gender",
        kind="single",
        text={"en": "What is your gender?", "ja": "性別を教えてください。"},
        choices=[
            _choice("woman", "Woman", "女性"),
            _choice("man", "Man", "男性"),
            _choice("other", "Another", "その他"),
            _choice("unsaid", "Prefer not to say", "答えたくない"),
        ],
    ),
    Item(
        key="ml_years",
        kind="number",
        text={
            "en": "For how many years have you worked with machine learning?",
            "ja": "機械学習の仕事や研究を何年していますか。",
        },
        minimum=0,
        maximum=80,
    ),
    Item(
        key="ml_experience",
        kind="single",
        text={
            "en": "Which describes your experience with machine learning best?",
            "ja": "機械学習の経験として最も近いものはどれですか。",
        },
        choices=[
            _choice("research", "I do research on it", "研究している"),
            _choice("work", "I build or run it at work", "仕事で作ったり運用したりしている"),
            _choice("studied", "I have studied it", "学んだことがある"),
            _choice("little", "I have little experience", "経験は少ない"),
        ],
    ),
)
