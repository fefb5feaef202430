"""Reading a page the way a person does: its words, its forms, the scripts it loads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import urljoin

Value = str | list[str]  # of a field; a list where several boxes may be ticked
SILENT = {"script", "style", "template"}


@dataclass(frozen=True)
class Field:
    """One question of a form; a group of radio buttons or of boxes is one field, their values its
    choices."""

    name: str
    kind: str  # the type of the input, or "select" or "textarea"
    value: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    checked: bool = False
    minimum: float | None = None
    maximum: float | None = None
    step: float = 1.0
    several: bool = False  # a group of boxes, of which any number may be ticked


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[Field] = field(default_factory=list)

    def questions(self) -> list[Field]:
        return [one for one in self.fields.values() if one.kind != "hidden"]

    def hidden(self) -> dict[str, str]:
        return {one.name: one.value for one in self.fields.values() if one.kind == "hidden"}


@dataclass
class Page:
    url: str
    status: int
    html: str
    words: str = ""
    forms: list[Form] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)  # data-… attributes, the first of each name

    def form(self, part_of_action: str) -> Form | None:
        """The first POST form whose address contains the words."""
        posts = (form for form in self.forms if form.method == "post")
        return next((form for form in posts if part_of_action in form.action), None)

    def find(self, pattern: str) -> str | None:
        found = re.search(pattern, self.html)
        return found.group(1) if found else None


def read(url: str, status: int, html: str) -> Page:
    page = Page(url, status, html)
    reader = _Reader(page)
    reader.feed(html)
    page.words = " ".join(" ".join(reader.texts).split())
    return page


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.texts: list[str] = []
        self.form: Form | None = None
        self.select: Field | None = None
        self.textarea: Field | None = None
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            if name.startswith("data-"):
                self.page.data.setdefault(name.removeprefix("data-"), value)
        if tag in SILENT:
            self.silent += 1
        if tag == "script" and given.get("src"):
            self.page.scripts.append(urljoin(self.page.url, given["src"]))
        if tag == "a" and given.get("href"):
            self.page.links.append(urljoin(self.page.url, given["href"]))
        if tag == "form":
            action = urljoin(self.page.url, given.get("action") or self.page.url)
            self.form = Form(action, given.get("method", "get").lower())
            self.page.forms.append(self.form)
        elif self.form is not None and "disabled" not in given:
            self._control(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        if tag == "form":
            self.form = None
        if tag == "select" and self.select is not None:
            self._add(self.select)
            self.select = None
        if tag == "textarea" and self.textarea is not None:
            self._add(self.textarea)
            self.textarea = None

    def handle_data(self, data: str) -> None:
        if self.textarea is not None:
            self.textarea = replace(self.textarea, value=self.textarea.value + data)
        elif not self.silent:
            self.texts.append(data)

    def _control(self, tag: str, given: Mapping[str, str]) -> None:
        name = given.get("name", "")
        required = "required" in given
        if tag == "select" and name:
            self.select = Field(name, "select", required=required)
        elif tag == "option" and self.select is not None and given.get("value"):
            self.select = replace(self.select, choices=(*self.select.choices, given["value"]))
        elif tag == "textarea" and name:
            self.textarea = Field(name, "textarea", required=required)
        elif tag == "button":
            self._button(Field(name, given.get("type", "submit"), given.get("value", "")))
        elif tag == "input":
            self._input(name, given, required)

    def _input(self, name: str, given: Mapping[str, str], required: bool) -> None:
        kind = given.get("type", "text").lower()
        value = given.get("value", "on" if kind == "checkbox" else "")
        if kind in ("submit", "image"):
            self._button(Field(name, "submit", value))
        elif kind == "radio" and name:
            group = self._form().fields.get(name) or Field(name, "radio", required=required)
            chosen = value if "checked" in given else group.value
            choices = (*group.choices, value)
            required = required or group.required
            self._add(replace(group, choices=choices, value=chosen, required=required))
        elif kind == "checkbox" and name and "data-several" in given:
            group = self._form().fields.get(name) or Field(name, kind, several=True)
            choices = (*group.choices, value)
            self._add(replace(group, choices=choices, required="data-required" in given))
        elif name:
            low, high = _number(given.get("min")), _number(given.get("max"))
            step = _number(given.get("step")) or 1.0
            checked = "checked" in given
            self._add(Field(name, kind, value, (), required, checked, low, high, step))

    def _add(self, found: Field) -> None:
        if self.form is not None:
            self.form.fields[found.name] = found

    def _button(self, found: Field) -> None:
        if found.kind == "submit":
            self._form().buttons.append(found)

    def _form(self) -> Form:
        if self.form is None:
            raise ValueError("a control outside of a form")
        return self.form


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
