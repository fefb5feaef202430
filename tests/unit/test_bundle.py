"""One script per page: what the bundler makes of modules, and what it refuses."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from duetml.config.bundle import BundleError, bundle, modules_of
from duetml.config.scanner import code_only
from duetml.config.static import BundledStatic, read_source, words_of_page
from tests.stack import ROOT

PAGES = ("plain", "chat", "studio", "studio-chat")
ALL_PAGES = sorted(
    path.stem for path in (ROOT / "duetml/workspace/static/workspace/js/pages").iterdir()
)
PAGE = "workspace/js/pages/{}.js"
# What a page may not say of what its workspace does not have; see also tests/browser.
OF_THE_CHAT = r"chat|assistant|advice|advisor|\bagent|proactive|reactive|アシスタント|チャット|助言"
OF_THE_STUDIO = r"studio|onnx|parcel|take.?home|confusion|similar|zip|merge|copied|restore"
node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")

Files = dict[str, str]


def reading(files: Files) -> Callable[[str], str]:
    def read(name: str) -> str:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name]

    return read


def what_it_says(script: str, folder: Path) -> str:
    path = folder / "script.mjs"
    path.write_text(script)
    done = subprocess.run(["node", path], capture_output=True, text=True, check=False, timeout=30)
    return done.stdout + done.stderr


TRICKY: Files = {
    "page.js": """
/* import { nothing } from "./nowhere.js"; */
import { add as plus, Counter, LIMIT } from "./deep/numbers.js";
import * as words from "./words.js";
import "./effect.js";

const text = `import { a } from "./b.js"; ${[1, 2].map((one) => `${{ one }.one}export`).join("}")}`;
const pattern = /["'`{]export\\/[/]/g;
const half = 10 / 2 / 1;
console.log(plus(1, LIMIT), new Counter().next(), words.hello("you"), text, pattern.source, half);
await words.later();
console.log(globalThis.order.join());
""",
    "deep/numbers.js": """import { note } from "../effect.js";

note("numbers");
export const LIMIT = 41;
export function add(one, other) {
  return one + other;
}
export class Counter {
  count = 0;
  next() {
    return ++this.count;
  }
}
""",
    "words.js": """import { note } from "./effect.js";
import {
  LIMIT,
} from "./deep/numbers.js";

note("words");
// import at the beginning of a comment
const add = "not the other module's add";
export const hello = (name) => "it's \\"" + name + '"' + add.length + LIMIT;
export async function later() {
  note(await Promise.resolve("later"));
}
""",
    "effect.js": """globalThis.order = ["effect"];
export function note(text) {
  globalThis.order.push(text);
}
""",
}


@node
def test_a_bundle_does_what_its_modules_do(tmp_path: Path) -> None:
    for name, source in TRICKY.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    apart = ["node", str(tmp_path / "page.js")]
    said = subprocess.run(apart, capture_output=True, text=True, check=True, timeout=30).stdout

    assert what_it_says(bundle("page.js", reading(TRICKY)), tmp_path) == said
    assert said.endswith("effect,numbers,words,later\n")


def test_every_line_of_a_module_stays_in_its_place() -> None:
    script = bundle("page.js", reading({"page.js": 'import "./b.js";\n\nrun();\n', "b.js": "\n"}))

    after = script[script.index("/* page.js */") :].splitlines()
    assert after[1].strip() == "{"
    assert after[4] == "run();"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("\nexport default 1;", "page.js:2: not understood: export default 1;"),
        ("export let count = 0;", "page.js:1: not understood: export let count = 0;"),
        ("export const { a } = b;", "page.js:1: not understood: export const { a } = b;"),
        ('export * from "./a.js";', "page.js:1: not understood: export * from"),
        ('export { one } from "./a.js";', "page.js:1: not understood: export { one }"),
        ('import a from "./a.js";', "page.js:1: not understood: import a from"),
        ('import { one } from "a";', "page.js:1: not understood: import { one }"),
        ('import { one } from "./a.js"', "page.js:1: not understood: import { one }"),
        ('if (true) {\n  await import("./a.js");\n}', "page.js:2: not understood: import("),
        ("log(import.meta.url);", "page.js:1: not understood: import.meta.url"),
        ('import { two } from "./a.js";', "page.js:1: a.js does not export two"),
        ('import "./b.js";', "page.js:1: no file b.js"),
        ('\nimport "./round.js";', "round.js:1: a cycle: page.js → round.js → page.js"),
        ("const module$a = 1;", "page.js:1: module$ is taken"),
        ('\nlog("open', "page.js:2: a text without end"),
        ("log(`open ${1}", "page.js:1: a text without end"),
        ("log(/open", "page.js:1: a text without end"),
    ],
)
def test_what_is_not_understood_is_refused_by_file_and_line(source: str, complaint: str) -> None:
    files = {
        "page.js": source,
        "a.js": "export const one = 1;",
        "round.js": 'import "./page.js";',
    }
    with pytest.raises(BundleError) as refused:
        bundle("page.js", reading(files))

    assert str(refused.value).startswith(complaint)


def test_text_is_told_from_code_and_keeps_its_length() -> None:
    source = (
        'a = b / c; // "no\nd = /[/"]\\//.test("x\\"y") ? `t${ { e: `u` }.e }/*` : 1 / 2; /* f */ g'
    )

    code = code_only(source)

    assert len(code) == len(source)
    assert " ".join(code.split()) == "a = b / c; d = .test( ) ? { e: }.e : 1 / 2; g"


@pytest.mark.parametrize("entry", PAGES)
def test_every_module_is_in_a_page_once(entry: str) -> None:
    names = [module.name for module in modules_of(PAGE.format(entry), read_source)]

    assert len(names) == len(set(names)) > 20
    script = bundle(PAGE.format(entry), read_source)
    assert re.findall(r"^/\* (workspace/js/\S+\.js) \*/$", script, re.MULTILINE) == names
    assert names[-2:] == ["workspace/js/main.js", PAGE.format(entry)]


@node
@pytest.mark.parametrize("entry", PAGES)
def test_a_page_is_a_script_without_mistakes(entry: str, tmp_path: Path) -> None:
    script = tmp_path / "page.mjs"
    script.write_text(bundle(PAGE.format(entry), read_source))

    done = subprocess.run(["node", "--check", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("entry", "unspoken"),
    [
        ("plain", rf"{OF_THE_CHAT}|{OF_THE_STUDIO}"),
        ("chat", OF_THE_STUDIO),
        ("studio", OF_THE_CHAT),
    ],
)
def test_a_page_says_nothing_of_what_it_does_not_have(entry: str, unspoken: str) -> None:
    script = bundle(PAGE.format(entry), read_source).lower()

    found = re.finditer(unspoken, script)
    assert [script[one.start() - 60 : one.end() + 30] for one in found] == []


def test_every_translated_word_of_the_scripts_is_in_a_page() -> None:
    catalogue = ROOT / "duetml/workspace/locale/ja/LC_MESSAGES/djangojs.po"
    live = re.sub(r"^#~.*$", "", catalogue.read_text(), flags=re.MULTILINE)
    entries = re.findall(r'^(?:msgid|msgid_plural) ((?:".*"\s*)+)$', live, re.MULTILINE)
    texts = {
        "".join(re.findall(r'"(.*)"', one)).replace('\\"', '"').replace("\\n", "\n")
        for one in entries
    }

    said = frozenset().union(*(words_of_page(PAGE.format(entry)) for entry in ALL_PAGES))
    assert texts - {""} - said == set()


def test_collected_pages_hold_their_modules_and_nothing_lies_beside_them(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name, text in {
        "shop/js/pages/front.js": 'import { price } from "../price.js";\nshow(price);\n',
        "shop/js/price.js": "export const price = 3;\n",
        "shop/other.js": 'import { rest } from "./rest.js";\n',
        "shop/rest.js": "export const rest = 1;\n",
    }.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)

    collected = collect(source, tmp_path / "collected")

    assert "shop/js/price.js" not in collected
    script = collected["shop/js/pages/front.js"]
    assert "const price = 3" in script.read_text()
    assert re.search(r"rest\.[0-9a-f]{12}\.js", collected["shop/other.js"].read_text())


def collect(source: Path, target: Path) -> dict[str, Path]:
    """Name → the file that is served for it."""
    from django.contrib.staticfiles.storage import StaticFilesStorage

    found = StaticFilesStorage(location=str(source))
    storage = BundledStatic(location=str(target))
    names = [path.relative_to(source).as_posix() for path in source.rglob("*.js")]
    for name in names:
        with found.open(name) as file:
            storage.save(name, file)
    for _name, _hashed, processed in storage.post_process({name: (found, name) for name in names}):
        assert not isinstance(processed, Exception)
    return {name: target / hashed for name, hashed in storage.hashed_files.items()}
