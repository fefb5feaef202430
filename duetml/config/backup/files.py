"""Files of a backup: pictures and parcels from the storage, the image model from its folder."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

MEDIA = "media/"
MODELS = "models/"


def stored(folder: str = "") -> Iterator[str]:
    """Every file of the storage, by path."""
    if folder and not default_storage.exists(folder):
        return
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    for name in sorted(names):
        yield prefix + name
    for name in sorted(folders):
        yield from stored(prefix + name)


def models() -> dict[str, Path]:
    """Name in the backup → file: the weights, wherever they lie, and what was made of them."""
    folder = Path(settings.VAR) / "models"
    found = {
        str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    weights = settings.BACKBONE_PATH
    if weights is not None and not Path(weights).resolve().is_relative_to(folder):
        found[Path(weights).name] = Path(weights)
    return {MODELS + name: path for name, path in found.items()}


def is_safe(name: str) -> bool:
    """Whether a member's name stays inside the folder it is restored to."""
    path = Path(name)
    return (
        not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name
    )
