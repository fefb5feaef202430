"""The demo's two accounts. Passwords are made on the spot and kept for the next start."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import User

from evaluation.models import Rater
from evaluation.services import invitations
from study.models import Study


@dataclass(frozen=True)
class Account:
    name: str
    password: str


def ensure(file: Path, name: str, *, is_staff: bool) -> Account:
    """The account of that name, with the password kept in `file` (mode 600), made where missing.

    A password changed in the meantime stays changed: only a missing account is made.
    """
    known = _read(file)
    user = User.objects.filter(username=name).first()
    if user is None or name not in known:
        known[name] = secrets.token_urlsafe(12)
        user = user or User(username=name)
        user.is_staff = user.is_superuser = is_staff
        user.set_password(known[name])
        user.save()
        _write(file, known)
    return Account(name, known[name])


def ensure_rater(account: Account, study: Study, now: datetime) -> None:
    user = User.objects.get(username=account.name)
    if not Rater.objects.filter(user=user, study=study).exists():
        invitations.make_rater(study, user, now)


def _read(file: Path) -> dict[str, str]:
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in content.items()} if isinstance(content, dict) else {}


def _write(file: Path, known: dict[str, str]) -> None:
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(known, indent=2))
    draft.replace(file)
