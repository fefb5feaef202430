import uuid
from datetime import timedelta

from django.db import models

from duetml.workspace.models.claim import Claimable
from duetml.workspace.models.workspace import Workspace


class TrainingRun(Claimable):
    """One fit of the classifier, with the data it saw.

    data: [{"category": id, "name": str, "images": [id, …]}, …] as it stood when the person pressed
    Train. report: backbone and its digest, SVM settings, seed, counts, library versions, seconds.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="training_runs")
    number = models.PositiveIntegerField()
    data = models.JSONField()
    report = models.JSONField(default=dict, blank=True)
    classifier = models.BinaryField(null=True, blank=True)

    LEASE = timedelta(seconds=20)  # kept by a thread of its own while the work lasts

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="training_run_number_once")
        ]

    def __str__(self) -> str:
        return f"run {self.number}"


class TestRun(Claimable):
    """Pictures shown to a trained classifier.

    images: [id, …]; results: [{"image": id, "scores": [{"category": id, "name": str, "p": float},
    …]}, …], scores sorted from the most to the least likely.
    """

    __test__ = False  # not a test case

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="test_runs")
    training_run = models.ForeignKey(
        TrainingRun, on_delete=models.CASCADE, related_name="test_runs"
    )
    images = models.JSONField()
    results = models.JSONField(default=list, blank=True)

    LEASE = timedelta(seconds=30)

    class Meta:
        ordering = ["queued_at"]

    def __str__(self) -> str:
        return f"test of {self.training_run_id}"


class PictureMap(Claimable):
    """All pictures of a workspace in two dimensions, alike ones near each other.

    images: [id, …]; points: [[x, y], …] in the same order, each between 0 and 1.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="maps")
    images = models.JSONField(default=list, blank=True)
    points = models.JSONField(default=list, blank=True)

    LEASE = timedelta(seconds=30)

    class Meta:
        ordering = ["queued_at"]

    def __str__(self) -> str:
        return f"map of {self.workspace_id}"


class Parcel(Claimable):
    """A classifier to take home: files: [{"name": str, "bytes": int, "path": str}, …], the path
    being default_storage's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="parcels")
    training_run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="parcels")
    files = models.JSONField(default=list, blank=True)

    LEASE = timedelta(seconds=60)

    class Meta:
        ordering = ["queued_at"]

    def __str__(self) -> str:
        return f"parcel of {self.training_run_id}"
