"""Secrets, links and people's ids taken out of a sentence."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

HIDDEN = "•••"
SHORTEST_SECRET = 6  # anything shorter would hide ordinary words
UUID = re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.I)
LINK = re.compile(r"(?<=/)[\w:=-]{16,}(?=[/?\s\"']|$)", re.A)  # a path's part that is a secret
KEY = re.compile(r"\b(?:sk|pk|key)-[\w-]{6,}|\b(?:Bearer|Basic|Token)\s+[\w.=+/-]+", re.I | re.A)
PASSWORD = re.compile(r"(?<=://)[^\s/@]*:[^\s/@]*@")


def secret_values(names: Iterable[str], environment: Mapping[str, Any]) -> list[str]:
    """The secrets of a machine, longest first: keys, and the passwords within addresses."""
    found = {str(environment.get(name.lower()) or "") for name in names}
    for value in environment.values():
        if isinstance(value, str) and "://" in value:
            found.add(unquote(urlsplit(value).password or ""))
    return sorted((one for one in found if len(one) >= SHORTEST_SECRET), key=len, reverse=True)


class Scrubber:
    """`key`: what marks are made with. The same id has the same mark; nobody reads the id in it."""

    def __init__(self, key: str, secrets: Iterable[str]) -> None:
        self.key = key.encode()
        self.secrets = tuple(secrets)

    def __call__(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        text = PASSWORD.sub(f"{HIDDEN}@", text)
        text = KEY.sub(HIDDEN, text)
        text = UUID.sub(lambda found: self.mark(found[0]), text)
        return LINK.sub(HIDDEN, text)

    def mark(self, identity: str) -> str:
        plain = identity.replace("-", "").lower().encode()
        return "#" + hmac.new(self.key, plain, hashlib.sha256).hexdigest()[:8]
