"""Media in a bucket (S3 or its like), for workers that share no disk. Loaded only where
DUETML_MEDIA names one: boto3 is large.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from django.conf import settings
from django.core.files import File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from duetml.media import MediaError

CONNECT_SECONDS, ANSWER_SECONDS, TRIES = 2, 20, 2
IN_MEMORY_BYTES = 11_000_000  # what is larger, an archive or an export, is read by way of the disk
REFUSED = {"401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
NO_KEYS = (NoCredentialsError, PartialCredentialsError)


class Bucket(S3Storage):  # type: ignore[misc]
    """Django's storage in a bucket. An object is there completely or not at all, and writing it
    again writes the same bytes. What fails raises MediaError; what is missing,
    FileNotFoundError."""

    def __init__(self, **options: Any) -> None:
        # A server of one's own seldom has a name for each bucket, or the newest checksums.
        style = "path" if options.get("endpoint_url") else "auto"
        config = Config(
            s3={"addressing_style": style},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(client_config=config, **options)

    def must_answer(self) -> None:
        """Raises MediaError where the bucket is away, missing or closed to us."""
        try:
            with self._in_words():
                self.bucket.meta.client.head_bucket(Bucket=self.bucket_name)
        except FileNotFoundError:
            raise MediaError(self._missing()) from None

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """All of it, by one request: nobody is left with half a picture."""
        if mode != "rb":
            raise ValueError("files of a bucket are opened for reading; save() writes them")
        key = self._normalize_name(clean_name(name))
        folder = settings.FILE_UPLOAD_TEMP_DIR
        content = SpooledTemporaryFile(IN_MEMORY_BYTES, dir=folder)  # noqa: SIM115 - the caller's
        with self._in_words():
            found = self.bucket.meta.client.get_object(Bucket=self.bucket_name, Key=key)
            shutil.copyfileobj(found["Body"], content)
        content.seek(0)
        return File(content, name=name)

    def _save(self, name: str, content: "File[Any]") -> str:
        with self._in_words():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with self._in_words():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with self._in_words():
            return bool(super().exists(name))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with self._in_words():
            folders, names = super().listdir(name)
            return folders, names

    def size(self, name: str) -> int:
        with self._in_words():
            return int(super().size(name))

    def get_modified_time(self, name: str) -> datetime:
        with self._in_words():
            moment: datetime = super().get_modified_time(name)
            return moment

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except ClientError as problem:
            raise self._told(str(problem.response["Error"].get("Code"))) from problem
        except NO_KEYS as problem:
            raise MediaError(
                "There are no keys for the bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
                " or give this machine a role."
            ) from problem
        except (BotoCoreError, Boto3Error) as problem:
            raise MediaError(
                f"The bucket's server does not answer ({type(problem).__name__}): start it, or see"
                " AWS_ENDPOINT_URL_S3."
            ) from problem

    def _told(self, code: str) -> OSError:
        if code in ("NoSuchKey", "404"):
            return FileNotFoundError("no such file in the bucket")
        if code == "NoSuchBucket":
            return MediaError(self._missing())
        if code in REFUSED:
            return MediaError(
                f"The bucket {self.bucket_name} refuses our keys ({code}): see AWS_ACCESS_KEY_ID"
                " and AWS_SECRET_ACCESS_KEY, and let them list, read, write and delete there."
            )
        return MediaError(
            f"The bucket {self.bucket_name} cannot be used ({code}): see DUETML_MEDIA,"
            " AWS_ENDPOINT_URL_S3 and AWS_DEFAULT_REGION."
        )

    def _missing(self) -> str:
        return f"There is no bucket {self.bucket_name}: make it, or correct DUETML_MEDIA."
