"""What the stand-in says. It understands nothing: it fills in what the request names."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from tests.vendor.seen import Seen

CATEGORY = re.compile(r'^- ("(?:[^"\\]|\\.)*")\D*(\d+)', re.MULTILINE)
PICTURE = re.compile(r"(?:\bpicture |画像\s?)(\d+)\b(?!\s?枚)")
LONGEST_NAME = 30
QUOTES = {"ja": "「{}」"}

# By language and agent, by how much there is to speak of: no category, one, several, and several
# with numbered pictures. At most 80 words, one question; some with the little Markdown there is.
Replies = Mapping[str, tuple[str, ...]]
REACTIVE_EN: Replies = {
    "none": (
        "We can begin from the end. Somebody shows your AI a picture and it answers with one word."
        " Which words would you like it to know?",
        "Nothing is sorted yet, which is a good moment to think.\n\n- what it is **for**\n"
        "- who would use it\n\nWhich two pictures would you never want to be mixed up?",
    ),
    "one": (
        "So far there is only $first, with $many pictures. An AI can tell things apart only when"
        " there is something to tell them from. What would be the most useful opposite of $first?",
    ),
    "several": (
        "Right now $first holds **$many** pictures and $second **$few**. Somebody who read only"
        " the two names might hesitate. Where would they hesitate first?",
        "There are at least two ways to look at it:\n\n- by what a thing **is**: $first beside"
        " $second\n- by what it is **used for**\n\nWhich of the two fits what you want to make?",
        "A name promises something. $first promises a lot, $second rather little; both can be"
        " right. Is there a picture that would fit *both* promises?",
        "You have $count categories, and every new picture has to go into one of them. What should"
        " happen with one that fits none?",
    ),
    "pictures": (
        "Have a look at picture $number in $first: it is **not quite like** the others. Does it"
        " belong there because of what it shows, or because of how it looks?",
        "Compare picture $number with picture $other. One of them says $first at a glance, the"
        " other needs a second look. What did you go by when you decided?",
    ),
}
PROACTIVE_EN: Replies = {
    "none": (
        "Take three pictures and find a way in which two of them belong together and the third"
        " does not. Is that difference one your AI should know?",
    ),
    "one": (
        "Something I noticed: everything goes into $first. With one category the AI is always"
        " right and never useful. Which picture would you *not* put there?",
    ),
    "several": (
        "$first has $many pictures, $second only $few. An AI that sees one thing far more often"
        " tends to guess it. Is that difference **meant**?",
        "Your names say how things look. What if you divided them by **where they are found**:"
        " would $first still hold together?",
        "The pictures in $second look much alike. Which kind is not shown there yet?",
    ),
    "pictures": (
        "Something about picture $number: it sits in $first, yet a stranger might look for it"
        " in $second. Is there a rule that tells the two apart?",
    ),
}
REACTIVE_JA: Replies = {
    "none": (
        "終わりから考えてみましょう。誰かが画像を見せると、AIが一言で答えます。"
        "どんな言葉を知っていてほしいですか？",
        "まだ何も分けていないので、考えるのによいときです。\n\n- **何のため**のAIか\n"
        "- 誰が使うのか\n\n絶対に取り違えてほしくない二枚はどれですか？",
    ),
    "one": (
        "いまは$firstだけで、画像は$many枚です。見分けるには、比べる相手が必要です。"
        "$firstの反対として一番役に立つものは何でしょうか？",
    ),
    "several": (
        "いま$firstは**$many枚**、$secondは**$few枚**です。名前だけを読んだ人は、"
        "どこで最初に迷いそうですか？",
        "見方は少なくとも二つあります。\n\n- **何であるか**：$firstと$second\n"
        "- **何に使うか**\n\n作りたいものに合うのはどちらですか？",
        "名前は約束のようなものです。$firstの約束は広く、$secondの約束は狭めです。"
        "*両方*の約束に合う画像はありますか？",
        "カテゴリは$count個で、新しい画像は必ずどれかに入ります。"
        "どれにも合わない一枚は、どうなるとよいですか？",
    ),
    "pictures": (
        "$firstにある画像 $numberを見てください。ほかとは**少し違って**見えます。"
        "写っているものと見た目の、どちらを理由に入れましたか？",
        "画像 $numberと画像 $otherを比べてみましょう。一方はすぐに$firstだと分かり、"
        "もう一方は少し考えます。何を見て決めましたか？",
    ),
}
PROACTIVE_JA: Replies = {
    "none": (
        "画像を三枚選び、二枚は仲間で一枚は違う、と言える理由を探してみてください。"
        "その違いは、AIに知っていてほしいものですか？",
    ),
    "one": (
        "気づいたことがあります。いまはすべてが$firstに入ります。*入れたくない*画像はどれですか？",
    ),
    "several": (
        "$firstは$many枚、$secondは$few枚だけです。何度も見たものにAIの答えは偏りがちです。"
        "その差は**意図したもの**ですか？",
        "名前はどれも見た目を表しています。**見つかる場所**で分けたとしたら、"
        "$firstはまだ一つのまとまりでしょうか？",
        "$secondの画像はどれもよく似ています。まだ示していない種類は何ですか？",
    ),
    "pictures": (
        "画像 $numberについてです。$firstに入っていますが、初めて見る人は$secondを"
        "探すかもしれません。二つを分ける決まりはありますか？",
    ),
}
REPLIES: Mapping[tuple[str, str], Replies] = {
    ("reactive", "en"): REACTIVE_EN,
    ("reactive", "ja"): REACTIVE_JA,
    ("proactive", "en"): PROACTIVE_EN,
    ("proactive", "ja"): PROACTIVE_JA,
}


@dataclass(frozen=True)
class Facts:
    """What a request names: categories with their numbers of pictures, and pictures by number."""

    categories: tuple[tuple[str, int], ...]
    pictures: tuple[int, ...]


def facts(text: str) -> Facts:
    categories = tuple((_decoded(name), int(count)) for name, count in CATEGORY.findall(text))
    pictures = dict.fromkeys(int(number) for number in PICTURE.findall(text))
    return Facts(categories, tuple(pictures))


def echo(seen: Seen) -> str:
    """A reply that shows what arrived: how many pictures, and the last category that was named."""
    names = [name for name, _ in facts(seen.text).categories]
    about = f"“{names[-1]}”" if names else "no category"
    return f"I looked at {len(seen.images)} pictures and at {about}. What should belong together?"


def advice(seen: Seen, turn: int) -> str:
    """A reply as an agent might give it, another each `turn`; an echo where no agent asks."""
    replies = REPLIES.get((seen.agent, seen.asker.language))
    if replies is None:
        return echo(seen)
    known = facts(seen.text)
    fitting = _fitting(known, replies)
    return Template(fitting[turn % len(fitting)]).substitute(_values(known, seen.asker.language))


def _fitting(known: Facts, replies: Replies) -> tuple[str, ...]:
    if len(known.categories) < 2:
        return replies["one" if known.categories else "none"]
    if len(known.pictures) < 2:
        return replies["several"]
    pairs = zip(replies["several"], replies["pictures"] * len(replies["several"]), strict=False)
    return tuple(reply for pair in pairs for reply in pair)  # by turns


def _values(known: Facts, language: str) -> dict[str, object]:
    by_size = sorted(known.categories, key=lambda category: -category[1]) or [("", 0)]
    (first, many), (second, few) = by_size[0], by_size[-1]
    quotes = QUOTES.get(language, "“{}”")
    numbers = known.pictures or (0,)
    return {
        "first": quotes.format(_short(first)),
        "second": quotes.format(_short(second)),
        "many": many,
        "few": few,
        "count": len(known.categories),
        "number": numbers[0],
        "other": numbers[-1],
    }


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _decoded(quoted: str) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:
        return quoted
