"""Words by which a message of the chat is recognised: one pattern a line, English and Japanese.

Messages are looked at in lower case and in their plain forms (NFKC): "？" is "?" here.
"""

import re

Pattern = re.Pattern[str]


def pattern(lines: str) -> Pattern:
    """Matches where one of the lines does; line breaks and indentation mean nothing."""
    return re.compile(
        "|".join(f"(?:{line.strip()})" for line in lines.splitlines() if line.strip())
    )


QUESTION = pattern(r"""
    \?
    ^\W*(how|what(?! an? |ever)|why|when|where|which|who|whose)\b
    ^\W*(can|could|does|did|is|are|am|should|shall|do (i|you|we|they|the|these))\b
    \b(tell|show|teach) (me|us)\b
    \bexplain\b|\bhow to\b|\bi wonder\b|\b(want|like) to know\b
    ^help\b|\bhelp$|\bhelp( me| us|!|\.)|\b(need|want) (some )?help\b
    \b(advice|tips?|hints?|suggestions?|stuck)\b
    \b(i am|i'm|im) (\w+ ){0,2}(lost|confused)\b
    \b(know|see|find|understand|figure out|sure) (how|what|why|where|which|when|if|whether)\b
    \b(can|does|do|is|did|won)('?t|n't| not) (\w+ ){0,2}(work|start|happen|let|possible|find|see)
    \b(can|does|do|is|did|won)('?t|n't| not) (\w+ ){0,2}(train|test|add|move|drag|delete)
    \b(can|does|do|is|did|won)('?t|n't| not) (\w+ ){0,2}(press|click)
    \bcannot\b|nothing happens|not working
    か[。.!…\s]*$|(かな|かしら)[。.!…\s]*$|の$|[のん](?:だろう|でしょう)
    教えて|知りたい|何[枚個種]|いくつ|なん(で|の)(?!も)|なぜ|誰
    どう(すれ|したら|すると|やって|なって|なる|して(?!も|い)|思)|どう(です)?[。\s]*$
    どこ(?!か|も)|どれ(?!も|か)|どの|どんな(?!もの?で?も)|いつ(?!も|か)
    方法|仕方|しかた|やり方|作り方|入れ方
    (分か|わか)(らない|りません|らなく|らず)|ヘルプ|助けて|アドバイス|ヒント|困って
    でき(ない|ません)|動(かない|きません)|押せ(ない|ません)
""")

# Says what is wanted: a question word in it asks nothing …
WISH = pattern(r"""
    ^\W*(\w+\W+)?(i|we)('d| would)? ?(want|like|wish|plan|hope) to (make|build|create|sort|group)\b
    ^\W*(\w+\W+)?(i|we)('d| would)? ?(want|like|wish|plan|hope) to (classify|tell|distinguish)\b
    ^\W*(\w+\W+)?(i|we)('d| would)? ?(want|like|wish|plan|hope) to (recogni[sz]e|separate)\b
    ^\W*(\w+\W+)?(i|we)('d| would)? ?(want|like|wish|plan|hope) to (find|detect|identify)\b
    ^\W*(\w+\W+)?(i|we)('d| would)? ?(want|like|need) (an? (ai|app|model)|something|one)\b
    ^\W*(an? |the |maybe )?(ai|app|model|classifier|program|something|one) (that|which|to|for|who)\b
    ((?<!知り)たい|ほしい|欲しい|ai|もの|アプリ|モデル|分類器)(です|と思(います|っています)|んです)?[。.!\s]*$
""")
# … unless it also asks.
ASKS = pattern(r"""
    \?|\bhow (do|can|should|to)\b|\bdon'?t know\b
    か[。.\s]*$|教えて|どう(すれば|したら|やって)
""")

# The first of these that matches is the topic, whatever else the message holds.
SPECIAL_TOPICS: dict[str, Pattern] = {
    "who": pattern(r"""
        \byour name\b|\bwho are you\b|\bwhat are you\b
        \bare you (an? )?(ai|human|robot|bot|person|real|chat ?gpt|gpt|computer|machine)\b
        (あなた|君|きみ)(は|って|の名前)?.{0,4}(誰|だれ|何|なに|人間|ai|ロボット|名前)|お名前
    """),
    "quiet": pattern(r"""
        \b(be quiet|shut up|stop talking|leave me alone|go away)\b
        \bstop (asking|interrupting|disturbing|commenting)\b
        \b(don'?t|do not) (talk|speak|interrupt|disturb|ask)\b
        うるさい|黙って|静かに|話しかけないで|話しかけてこないで|しゃべらないで|邪魔
    """),
    "do": pattern(r"""
        \b(can|could|would|will) you (please |just )?(do|make|sort|put|create|move|add|train|test)\b
        \b(can|could|would|will) you (please |just )?(choose|pick|delete|finish|classify|name)\b
        \b(do|sort|make|choose) (it|them|this|everything|all) for me\b
        (やって|作って|分けて|分類して|入れて|選んで|決めて)(ください|下さい|くれ|ほしい|もらえ|いただ)
        代わりに|自動で
    """),
    "counts": pattern(r"""
        \bhow many.{0,30}\b(do i have|have i|did i|i have|are there|are in|are left|used|unused)\b
        \bhow many.{0,30}\b(so far|remain)
        (いま|今|これまで|残り|全部で|もう).{0,10}(何枚|いくつ)
        何枚(ある|あり|入って|入れた|使った|使って|残)
    """),
    "time": pattern(r"""
        \bhow (long|much time)\b|\btime left\b|\bminutes?\b|\bdeadline\b|\bfinish\b
        何分|何時|時間|いつまで|終了|終わり(ます|方)|おわり
    """),
    "where": pattern(r"""
        \bwhere\b.{0,30}\b(put|goes?|belongs?|place|fits?|sort)\b
        \b(which|what) (category|class|group|box)\b.{0,30}\b(put|goes?|belongs?|place|fits?|sort)\b
        \b(does|do|should|can) .{1,30}\b(belong|go (in|into|to)|count as)\b
        どこに(入|分|置|いれ)|どのカテゴリー?に|(どちら|どっち)に(入|分|いれ)
        は(?!これ|この|こんな|その|今)\S{1,10}(でいい|で合って|に入り)(です|ます)?か
    """),
    "why": pattern(r"""
        \bwhy\b.{0,30}\b(says?|said|thinks?|thought|chooses?|chose|guess|takes?|took|call|answer)
        (なぜ|どうして|なんで).{0,20}(と答|と言|と判断|を選|になる|になった|と思)
    """),
    "kinds": pattern(r"""
        \b(what|which) (kinds? of |sort of )?(categor\w+|classes|groups)\b
        (どんな|何の|なんの|どの(よう|様)な)カテゴリー?|カテゴリー?.{0,6}(何がい|何がよ|なにがい|例)
    """),
}

# Of these, the one that comes first in the message.
TOPICS: dict[str, Pattern] = {
    "categories": pattern(r"""
        \bhow many (categor|class|group)|\bnumber of (categor|class|group)
        \b(enough|more|fewer|too many|too few) (categor|class|group)
        カテゴリー?.{0,8}(いくつ|何個|何種類|何こ|数|多すぎ|足り)|(いくつ|何個|何種類).{0,8}カテゴリー?
    """),
    "many": pattern(r"""
        \bhow many( more)? (pictures|images|photos|examples|should|do i need|are needed|per)\b
        \bhow many\W*$|\bhow much data\b
        \b(enough|more|number of|too few) (pictures|images|photos|data|examples)
        何枚|枚数|(どれ|どの)くらい(必要|入れ|の画像|集め|あれば)|画像.{0,6}(足り|たくさん|もっと)
    """),
    "sure": pattern(r"""
        \bpercent|\d ?%|\bbars?\b|\bhow sure\b|\bconfiden|\bprobab
        自信|パーセント|確率|棒|バー
    """),
    "wrong": pattern(r"""
        \bwrong\b(?! with)|\bmistakes?\b|\bincorrect|\bmisclassif|\bnot (right|correct)\b
        \bmix(ed|es|ing)? .{0,12}up\b|\bconfus(es|ing)\b
        間違|まちが|誤(り|って|認)|取り違
    """),
    "test": pattern(r"""
        \btest(s|ed|ing)?\b|\btry (it|this|them|that)\b|\btry out\b
        テスト|試(す|し|せ)|ためす|ためし
    """),
    "train": pattern(r"""
        \btrain(?!ing (data|pictures|images|photos))(s|ed|ing)?\b
        \blearn(s|t|ed|ing)?\b|\bteach(es|ing)?\b
        学習(?!データ)|覚え(る|さ|て)|トレーニング|訓練
    """),
    "change": pattern(r"""
        \brenam(e|ing)\b|\b(change|edit) (the |a |its )?(\w+ )?names?\b|\b(delete|remove|undo)\b
        \btake .{0,12}(out|back)\b|\bmove (a|an|the|one|these|this|pictures|images)\b
        名前.{0,3}変|削除|消(す|し|せ|え)|元に戻|取り消|やり直|移(す|動|し)|取り出|外(す|し)
    """),
    "name": pattern(r"""
        \bnames?\b|\bnaming\b|\bcall (it|them|this|that|these)\b
        名前|名づけ|名付け|ネーミング|カテゴリー?名
    """),
    "upload": pattern(r"""
        \bupload|\b(my|our) own (pictures?|images?|photos?)\b|\bfrom my (phone|computer|device)\b
        アップロード|自分の(画像|写真)|(スマホ|端末|パソコン)(の|から)
    """),
    "add": pattern(r"""
        \b(how|where|can i|could i|want to)\b.{0,30}\b(add|put|make|create|get|insert|drag)\b
        \bnew categor|\b(cannot|can'?t) (add|drag|put)
        追加|入れ(方|る|れば|たい|られ)|作り方|作(る|り)(に|た)|カテゴリー?を?作|ドラッグ
    """),
}

# These only where there is nothing more particular.
GENERAL_TOPICS: dict[str, Pattern] = {
    "right": pattern(r"""
        \b(is|are|does) (this|it|that|these|they|my \w+)( \w+)? (right|correct|good|ok|okay|fine)\b
        \b(how )?am i doing\b|\bgood enough\b|\bhow (is|are) (it|this|my)\b
        \blooks? (good|ok|okay|right)\b|\bwhat do you think\b|\bwrong with (my|the|this|it)\b
        (これ|この\S{0,8}|こんな感じ)で(いい|良い|よい|大丈夫|合って|ok)|合って(い)?ます
        正解|どう思い|うまくいって
    """),
    "next": pattern(r"""
        \b(help|advice|tips?|hints?|suggestions?|stuck|lost|confused|improve|better)\b
        \bwhat('s| is)? (next|now)\b|\bnext step\b|\bwhat to do\b
        \bwhat (should|shall|can|do|could|must|would) (i|we|you)\b
        \b(how|where) (do|should|can|shall) (i|we) (start|begin|go on|proceed|continue)\b
        どう(すれば|したら|すると|やって)|何を(すれば|したら|する)|なにを|次(は|に)
        アドバイス|ヒント|コツ|助けて|ヘルプ|困って|始め(方|る|れば|たら)
        改善|良く(する|なる)|よく(する|なる)|精度
    """),
}

# Small talk, where the whole message is nothing else.
GREETING = pattern(r"""
    (hi|hello|hey|hiya|yo|good (morning|afternoon|evening|day)|greetings|howdy)( there| all| ai)?
    こんにちは|こんにちわ|こんばんは|おはよう(ございます)?|はじめまして|初めまして|やあ|もしもし|どうも
    よろしく((お願い|おねがい)(し|いたし|致し)ます)?
""")
AGREED = pattern(r"""
    ok(ay)?|k|sure|yes|yeah|yep|yup|right|fine|good|great|nice|cool|perfect|please
    got it|i see|understood|alright|all right|done|i did|will do|i will|agreed|i agree|true|exactly
    that'?s (right|true|it)|makes sense|sounds good|good (idea|point|question)|interesting|maybe
    h+m+|a+h+|o+h+|wow|lol|haha
    no|nope|nah|not really|never ?mind|nothing|not yet|no thanks
    はい|うん|ええ|(分か|わか)(りました|った)|了解(です|しました)?|りょうかい|オッケー|オーケー|承知しました
    なるほど(です)?|そう(ですね?|か|だね)?|(たし|確)かに|いいです?ね|すごい|へえ|へー|ふーん|ふむ
    やってみます|試してみます|考えてみます|(でき|終わり|やり)ました
    いいえ|いや|いえ|ううん|(ちが|違)います|別に|まだです|まだ|結構です|大丈夫です
    特にな(い|し)(です)?|特にありません|ないです|ありません
""")
UNSETTLED = pattern(r"""
    (well )?(i )?(really |still )?(don'?t|do not|dont) know( yet| really)?
    (i have )?no idea( yet)?|(i'?m |i am )?not sure( yet)?|dunno|idk|whatever|anything
    i (haven'?t|have not) decided( yet)?
    (まだ)?(よく)?(分か|わか)(りません|らない)(です)?|さあ|たぶん|未定(です)?
    まだ?(決め|決まっ)て(い)?(ない|ません)(です)?|まだ?決めてない(です)?|特に決めて(い)?ません
    (何|なん)でも(いい|良い|よい)(です)?
""")

# Said somewhere in a message that asks nothing.
THANKS = pattern(r"""
    ^\W*((ok(ay)?|great|good|yes|no|oh|ah)\W+)?(many )?(thanks|thank you|thx|cheers)\b
    ^((いえ|はい|そうですか)[、。\s]*)?(どうも)?(ありがと|有難う|有り難う|サンキュー|感謝|助かり(ます|ました))
""")
UPSET = pattern(r"""
    \b(fuck\w*|shit\w*|bullshit|damn\w*|crap|idiot\w*|wtf|stupid|sucks|i hate (this|you|it))\b
    \b(this|it|you|that)( is| are|'s|'re) (\w+ )?(boring|annoying|useless|dumb|awful|terrible)\b
    バカ(?!ンス|ガイ|ラ)|馬鹿|アホ(?!ウ|ロ)|くそ[っう!。]|クソ|死ね|ふざけ|むかつ|ムカつ|役に立た
    つまら(な|ん)|イライラ|いらいら|最悪|うざ
""")

# What the buttons beside the data and the tests say in a person's name.
BUTTONS = pattern(r"""
    please look at my (training data|test results)\.?
    (学習データ|テスト結果)を見てください。?
""")
