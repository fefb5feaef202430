"""What a message of the chat is taken for, by its words alone."""

import pytest

from duetml.agents.context import Said, WorkspaceContext
from duetml.agents.hearing import aim_of, hear

QUESTIONS = {
    "many": [
        "How many pictures do I need?",
        "Is it enough pictures?",
        "画像は何枚くらい必要ですか？",
    ],
    "counts": ["How many pictures do I have?", "今何枚ありますか？", "何枚入っていますか"],
    "categories": ["How many categories should there be?", "カテゴリはいくつがいい？"],
    "kinds": ["What categories should I make?", "どんなカテゴリーを作ればいいですか？"],
    "train": [
        "How do I train it?",
        "I don't know how to train",
        "Train doesn't work",
        "Hi, how do I train?",
        "How do I train and how many pictures do I need?",
        "どうやって学習させるの",
        "学習の仕方が分かりません",
        "学習できない",
    ],
    "test": [
        "how can I test this",
        "Thanks! And how do I test it?",
        "テストはどうすればいいですか",
    ],
    "wrong": [
        "Why is it wrong here?",
        "Why is this damn thing wrong?",
        "なぜ間違えるのでしょうか。",
    ],
    "why": ["Why did it say cat?", "なぜ猫と答えたのですか"],
    "sure": ["What does 60% mean?", "この棒は何ですか"],
    "name": ["What would be a good name?", "いい名前を教えて"],
    "add": ["How do I make a new category?", "I can't add pictures", "カテゴリの作り方は？"],
    "upload": ["Can I use my own pictures?", "スマホの写真は使えますか？"],
    "change": ["How do I rename a category?", "名前を変えるにはどうすればいいですか"],
    "where": [
        "Where do I put a whale?",
        "Does a crab belong to the sea?",
        "ペンギンはどこに入れればいいですか？",
        "カニは海でいいですか？",
    ],
    "do": ["Can you sort them for me?", "Please do it for me.", "代わりに分けてください"],
    "who": ["What is your name?", "Are you a robot?", "あなたは誰ですか？"],
    "quiet": ["Be quiet!", "Please don't interrupt me", "うるさい"],
    "time": ["How much time do I have left?", "あと何分ですか？"],
    "right": [
        "Is my data ok?",
        "What's wrong with my categories?",
        "これで合っていますか？",
        "学習データはこれでいいですか？",
    ],
    "next": [
        "What should I do next?",
        "I'm confused",
        "help",
        "どうすればいいですか？",
        "ありがとう。次は？",
    ],
}
OTHERS = {
    "greeting": ["hi", "Hello!", "こんにちは", "はじめまして。よろしくお願いします。"],
    "thanks": ["Thank you, that helps a lot!", "ok thanks", "ありがとうございます"],
    "agreed": ["ok, good", "no", "YES!!", "なるほど！", "いいえ", "了解です"],
    "unsettled": ["I don't know", "not sure yet", "わかりません", "まだ決めていません"],
    "upset": ["fuck this", "This is so boring", "つまらない"],
    "unclear": ["?", "...", "😀", "。", " "],
    "statement": [
        "I want to sort cats and dogs",
        "I want an AI which knows whether an animal is dangerous",
        "AI to help blind people",
        "garbage and recyclables",
        "I did not get it wrong.",
        "What a nice tool!",
        "Do not worry",
        "動物を大きさで分けたいです",
        "どんな動物か分かるAI",
        "種類が分からないときに使えるAIが作りたい",
        "いつも間違えるわけではありません",
        "アホウドリとカモメ",
        "人の役に立つAI",
        "もう学習しました",
    ],
}


@pytest.mark.parametrize(
    ("text", "topic"), [(text, topic) for topic, texts in QUESTIONS.items() for text in texts]
)
def test_a_question_is_recognised_by_its_topic(text: str, topic: str) -> None:
    heard = hear(text)

    assert (heard.kind, heard.topic) == ("question", topic)


@pytest.mark.parametrize("text", ["Is a snake a reptile?", "蛇は爬虫類ですか？", "天気はどう？"])
def test_a_question_about_the_world_has_no_topic(text: str) -> None:
    assert (hear(text).kind, hear(text).topic) == ("question", None)


@pytest.mark.parametrize(
    ("text", "kind"), [(text, kind) for kind, texts in OTHERS.items() for text in texts]
)
def test_what_asks_nothing_is_no_question(text: str, kind: str) -> None:
    assert hear(text).kind == kind


def talked(*texts: str) -> WorkspaceContext:
    dialogue = tuple(Said("participant", text) for text in texts)
    return WorkspaceContext("en", "", goal=texts[0] if texts else None, dialogue=dialogue)


@pytest.mark.parametrize(
    ("texts", "aim"),
    [
        ((), None),
        (("hi", "what should I do?", "Please look at my training data."), None),
        (("sort cats and dogs", "and birds"), "sort cats and dogs"),
        (("こんにちは", "使い方は？", "犬と猫を分けたい"), "犬と猫を分けたい"),
    ],
)
def test_an_aim_is_the_first_thing_that_was_stated(texts: tuple[str, ...], aim: str | None) -> None:
    assert aim_of(talked(*texts)) == aim
