"""A member of staff's second factor: one device that makes codes, and ten recovery codes."""

import re
import unicodedata
from enum import Enum
from typing import TypeAlias

from django.contrib.auth.models import User
from django.db import transaction
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES = 10
OF_A_DEVICE = re.compile("[0-9]{6}")
OF_RECOVERY = re.compile("[a-z2-7]{8}")

Device: TypeAlias = TOTPDevice | StaticDevice


class Answer(Enum):
    """What is wrong with a code that was given."""

    WRONG = 422
    TOO_SOON = 429  # after a wrong one, the next counts only after a while that doubles


def device_of(user: User) -> TOTPDevice | None:
    found: TOTPDevice | None = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    return found


def begin(user: User, pending: int | None) -> TOTPDevice:
    """The device this session enrols; another session's is put away, since its secret was shown
    to whoever sat there."""
    waiting = TOTPDevice.objects.filter(user=user, confirmed=False)
    waiting.exclude(pk=pending).delete()
    device: TOTPDevice = waiting.first() or TOTPDevice.objects.create(
        user=user, name="app", confirmed=False
    )
    return device


def enrol(user: User, pending: int | None, code: str) -> tuple[TOTPDevice, list[str]] | Answer:
    """The device, confirmed by its first code, and the recovery codes to show once."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # one enrolment at a time
        device = TOTPDevice.objects.filter(user=user, confirmed=False, pk=pending).first()
        if device is None or device_of(user) is not None:
            return Answer.WRONG
        if not device.verify_is_allowed()[0]:
            return Answer.TOO_SOON
        if not device.verify_token(plain(code)):
            return Answer.WRONG
        device.confirmed = True
        device.save()
        return device, _recovery_codes(user)


def check(user: User, code: str) -> Device | Answer:
    """The device that accepted the code; a code is accepted once."""
    code = plain(code)
    kind = TOTPDevice if OF_A_DEVICE.fullmatch(code) else StaticDevice
    device = kind.objects.filter(user=user, confirmed=True).first()
    if device is None:
        return Answer.WRONG
    if not device.verify_is_allowed()[0]:
        return Answer.TOO_SOON
    known = code if OF_A_DEVICE.fullmatch(code) or OF_RECOVERY.fullmatch(code) else ""
    return verify_token(user, device.persistent_id, known) or Answer.WRONG


def reset(user: User) -> int:
    """Forget every device and recovery code. Returns how many there were."""
    found = (TOTPDevice.objects.filter(user=user), StaticDevice.objects.filter(user=user))
    number: int = sum(devices.count() for devices in found)
    for devices in found:
        devices.delete()
    return number


def plain(code: str) -> str:
    """As people write it (spaces, hyphens, capitals, full-width digits) → as it is stored."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).lower()


def _recovery_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery")
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes
