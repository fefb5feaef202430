"""The settings of a machine for its backup: everything that is no secret."""

import json
import re
from pathlib import Path
from typing import Any

from duetml.config.environment import SECRETS, Environment

PASSWORD = re.compile(r"(://[^/@]*?):[^/@]*@")


def without_secrets(environment: Environment) -> str:
    """JSON: variable → value; of a secret only whether it was set. Addresses lose passwords."""
    told = {
        name.upper(): ("(set, kept out)" if value else None)
        if name.upper() in SECRETS
        else _plain(value)
        for name, value in environment.model_dump().items()
    }
    return json.dumps(told, indent=1, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, str):
        address = value.split("?")[0] if "://" in value else value  # ?password=…, ?key=…
        return PASSWORD.sub(r"\1:•••@", address)
    return value
