"""What whoever asks for an export may choose."""

from dataclasses import asdict, dataclass
from typing import Any, Self

FORMATS = ("csv", "parquet", "xlsx")  # CSV is always there: the others are made from it


@dataclass(frozen=True, slots=True)
class Options:
    """Times are seconds since a person's enrolment unless `absolute_times`; what people typed is
    left out unless `free_text`, and pictures they added unless `images` (and they agreed)."""

    absolute_times: bool = False
    free_text: bool = False
    images: bool = False
    formats: tuple[str, ...] = FORMATS

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"formats": list(self.formats)}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        return cls(**(told | {"formats": tuple(told["formats"])}))

    def flags(self) -> str:
        """Of manage.py export, each with a blank in front."""
        asked = {
            "--absolute-times": self.absolute_times,
            "--with-text": self.free_text,
            "--with-images": self.images,
            f"--formats {','.join(self.formats)}": self.formats != FORMATS,
        }
        return "".join(f" {flag}" for flag, is_asked in asked.items() if is_asked)

    def in_words(self) -> str:
        """For the study's record, in English as all of it."""
        asked = {
            "absolute times": self.absolute_times,
            "free text": self.free_text,
            "pictures": self.images,
        }
        return ", ".join(["everything", *(name for name, is_asked in asked.items() if is_asked)])
