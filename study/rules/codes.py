"""Codes and tokens: what a participant is called, and the secrets they carry."""

import hashlib
import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else
TOKEN_BYTES = 24  # 192 bits


def participant_code() -> str:
    """What exports and raters see of a person: random, telling neither order nor condition."""
    return "P" + _letters(5)


def completion_code() -> str:
    """What a participant shows to be paid: 60 bits in three groups of four."""
    return "-".join(_letters(4) for _ in range(3))


def personal_token() -> str:
    """The secret of a personal link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(secret: str) -> str:
    """sha256 in hex: all that is stored of a token, and all that is told of a seed at first."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def fresh_seed() -> int:
    """63 bits, for a study whose seed nobody chose."""
    return secrets.randbits(63)


def draw_seed(study_seed: int, participant: str, step: str) -> int:
    """63 bits derived from the study's seed, for the pictures of one participant's task."""
    whole = hashlib.sha256(f"{study_seed}:{participant}:{step}".encode()).digest()
    return int.from_bytes(whole[:8]) >> 1


def _letters(number: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(number))
