"""Files of a backup: pictures and parcels from the storage, the image model from its folder."""

from pathlib import Path

from django.conf import settings

MEDIA = "media/"
MODELS = "models/"


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
