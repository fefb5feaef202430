"""analysis.py and analysis.R of an export: a second implementation of the statistics."""

from collections.abc import Mapping, Sequence
from pathlib import Path

Setting = str | Sequence["Setting"]
FOLDER = Path(__file__).parent / "analysis"
SETTINGS = "# <settings>"


def python_script() -> str:
    """Reads its settings from study.json."""
    return (FOLDER / "analysis.py").read_text(encoding="utf-8")


def r_script(settings: Mapping[str, Setting]) -> str:
    """R reads no JSON: its settings are its first lines."""
    lines = [f"{name} <- {_r(value)}" for name, value in settings.items()]
    source = (FOLDER / "analysis.R").read_text(encoding="utf-8")
    return source.replace(SETTINGS, "\n".join(lines), 1)


def _r(value: Setting) -> str:
    """Of keys and paths, which hold no quotation marks and no backslashes; lists as lists."""
    if isinstance(value, str):
        return f'"{value}"'
    return f"list({', '.join(_r(one) for one in value)})"
