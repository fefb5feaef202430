"""Text files named on a command line, or in one sentence why they cannot be used."""

from pathlib import Path

from django.core.management.base import CommandError

NOT_UTF8 = "is not a text in UTF-8: save it as UTF-8"


def read_text(file: Path) -> str:
    """What the file says. Raises CommandError with what is wrong and what to do."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise CommandError(f"There is no file {file}: check its name.") from None
    except (IsADirectoryError, NotADirectoryError):
        raise CommandError(f"{file} is no file: name one.") from None
    except PermissionError:
        raise CommandError(f"{file} may not be read: allow it to this account.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} {NOT_UTF8}.") from None
    except OSError as problem:
        raise CommandError(f"{file} cannot be read: {problem.strerror or problem}.") from None
    if not text.strip():
        raise CommandError(f"{file} is empty: name the file that holds the text.")
    return text
