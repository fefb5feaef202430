"""Rows that a worker claims. The row is the truth; a queued message only hints at it."""

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import F

MAX_ATTEMPTS = 3
RESEND_AFTER = timedelta(seconds=10)


class State(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class LeaseLostError(Exception):
    """Somebody else does this work by now."""


class Claimable(models.Model):
    """A piece of work: queued, then running under a lease, then done or failed.

    A worker holds the lease with its attempt number: what it saves counts only while both still
    match.
    """

    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="")

    LEASE = timedelta(seconds=60)

    class Meta:
        abstract = True

    @classmethod
    def claim(cls, row_id: UUID | str, now: datetime) -> Self | None:
        """Take a queued row; None when somebody else has it or it is over."""
        rows = cls._default_manager.filter(pk=row_id)
        won = rows.filter(state=State.QUEUED).update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            started_at=now,
            lease_until=now + cls.LEASE,
        )
        return rows.get() if won else None

    def renew(self, now: datetime) -> bool:
        """Prolong the lease; False when it was lost and the work should stop."""
        return bool(self._mine().update(lease_until=now + self.LEASE))

    def finish(self, now: datetime, **values: object) -> bool:
        """Save the outcome once; False when the lease was lost and somebody else does the work."""
        return bool(
            self._mine().update(state=State.DONE, finished_at=now, lease_until=None, **values)
        )

    def fail(self, now: datetime, error: str, **values: object) -> bool:
        return bool(
            self._mine().update(
                state=State.FAILED, finished_at=now, lease_until=None, error=error, **values
            )
        )

    def give_back(self) -> bool:
        """Let it be tried again at once; False at the last attempt, or when the lease was lost."""
        if self.attempt >= MAX_ATTEMPTS:
            return False
        return bool(self._mine().update(state=State.QUEUED, lease_until=None))

    @classmethod
    def forgotten(cls, now: datetime) -> list[Self]:
        """Queued rows whose message may be lost."""
        rows = cls._default_manager.filter(state=State.QUEUED, queued_at__lt=now - RESEND_AFTER)
        return list(rows.order_by("queued_at")[:200])

    @classmethod
    def requeue_expired(cls, now: datetime) -> int:
        """Give back rows whose worker died. Returns how many."""
        late = cls._default_manager.filter(state=State.RUNNING, lease_until__lt=now)
        return late.filter(attempt__lt=MAX_ATTEMPTS).update(state=State.QUEUED, lease_until=None)

    @classmethod
    def given_up(cls, now: datetime) -> list[Self]:
        """Rows whose worker died at the last attempt; the caller fails them through their
        service."""
        rows = cls._default_manager.filter(state=State.RUNNING, lease_until__lt=now)
        return list(rows.filter(attempt__gte=MAX_ATTEMPTS)[:200])

    def _mine(self) -> models.QuerySet[Self]:
        rows: models.QuerySet[Self] = type(self)._default_manager.filter(
            pk=self.pk, state=State.RUNNING, attempt=self.attempt
        )
        return rows
